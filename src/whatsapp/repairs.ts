/**
 * Corrections to the pinned versions of Baileys and libsignal, in force before either is evaluated.
 * Each file under `repairs/` is one correction with its reason; `test/whatsapp/repairs.test.ts` shows for each that
 * the library still needs it. The order matters: contexts before everything, the job queue before its users.
 */
import './repairs/async-context.ts'
import './repairs/job-queue.ts'
import './repairs/curve.ts'
import './repairs/trial-decryption.ts'

export { outside } from './repairs/async-context.ts'
export { InvalidSignatureError } from './repairs/curve.ts'
export { routeLibraryOutput } from './repairs/libsignal.ts'
