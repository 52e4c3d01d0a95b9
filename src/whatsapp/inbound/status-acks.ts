import { AsyncLocalStorage } from 'node:async_hooks'
import { NACK_REASONS } from '../library/engine.ts'
import type { InboundStep } from './pipeline.ts'

const STATUS = 'status@broadcast'
const handlingStatus = new AsyncLocalStorage<true>()
const { UnhandledError } = NACK_REASONS

// The library refuses a message it cannot decrypt with this reason. The server then offers it again first thing after
// every login and withholds all that waits behind it. One unreadable status post of anybody would stop everything, so
// those are acknowledged without a reason; asking the author for another copy goes on as before.
Object.defineProperty(NACK_REASONS, 'UnhandledError', {
  get: () => (handlingStatus.getStore() ? undefined : UnhandledError),
})

/** Lets the library handle a message such that an unreadable status post is acknowledged, not refused. */
export const acknowledgeStatusPosts: InboundStep = (stanza, next) =>
  stanza.attrs.from === STATUS ? handlingStatus.run(true, () => next(stanza)) : next(stanza)
