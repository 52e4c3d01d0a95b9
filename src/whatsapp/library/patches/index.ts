/**
 * Corrections to the pinned versions of Baileys and libsignal, in force before either is used.
 * Each file of this folder is one correction with its reason; `test/whatsapp/library/patches.test.ts` and those named in
 * `docs/library-defects.md` show that the library still needs it. The order matters: last comes what changes an object of
 * Baileys, which evaluates it.
 */
import './before-library.ts'
import './group-chain.ts'
import './late-group-messages.ts'
import './nack-reasons.ts'
import './schema/additions.ts'
import './unanswered-usync.ts'

export { runInRootContext } from './async-context.ts'
export { InvalidSignatureError } from './curve.ts'
export { routeLibraryOutput } from './libsignal.ts'
export { acknowledgingUnreadable } from './nack-reasons.ts'
