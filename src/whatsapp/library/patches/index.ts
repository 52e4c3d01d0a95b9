/**
 * Corrections to the pinned versions of Baileys and libsignal, in force before either is evaluated.
 * Each file under `repairs/` is one correction with its reason; `test/whatsapp/repairs.test.ts` shows for each that
 * the library still needs it. The order matters: contexts before everything, the job queue before its users.
 */
import './async-context.ts'
import './job-queue.ts'
import './curve.ts'
import './trial-decryption.ts'

export { runInRootContext } from './async-context.ts'
export { InvalidSignatureError } from './curve.ts'
export { routeLibraryOutput } from './libsignal.ts'
