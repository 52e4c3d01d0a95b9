import { STATUS_JID } from '../../lib/jid.ts'
import { acknowledgingUnreadable } from '../library/patches/index.ts'
import type { InboundStep } from './pipeline.ts'

/**
 * One unreadable status post of anybody would stop everything, so those are acknowledged; asking the author for another
 * copy goes on as before.
 */
export const acknowledgeStatusPosts: InboundStep = (stanza, next) =>
  stanza.attrs.from === STATUS_JID ? acknowledgingUnreadable(() => next(stanza)) : next(stanza)
