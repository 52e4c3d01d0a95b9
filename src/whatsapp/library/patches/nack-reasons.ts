import { NACK_REASONS } from '@whiskeysockets/baileys/lib/Utils/index.js'
import { ContextStorage } from '../../../lib/process/promise-context.ts'

const acknowledging = new ContextStorage<true>()
const { UnhandledError } = NACK_REASONS

// The library refuses a message it cannot decrypt with this reason. The server then offers it again first thing after
// every login and withholds all that waits behind it.
Object.defineProperty(NACK_REASONS, 'UnhandledError', {
  get: () => (acknowledging.getStore() ? undefined : UnhandledError),
})

/** Lets the library handle a message such that one it cannot decrypt is acknowledged, not refused. */
export function acknowledgingUnreadable<Result>(handle: () => Result): Result {
  return acknowledging.run(true, handle)
}
