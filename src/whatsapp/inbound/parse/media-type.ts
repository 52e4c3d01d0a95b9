import type { ProtoJson } from '../../../events/event-parts.ts'
import { contentOf } from '../../../events/message-kinds.ts'
import { unwrapMessage } from '../../../events/unwrap.ts'

/** The `mediatype` a sender gives a message like this; for messages whose stanza is gone. */
export function mediaTypeOf(raw: ProtoJson): string {
  const { label = '', content = {} } = contentOf(unwrapMessage(raw).message) ?? {}
  return typeof label === 'string' ? label : label(content)
}

/** The stanza's `type` a sender gives a message like this. */
export function stanzaTypeOf(raw: ProtoJson): string {
  const { message } = unwrapMessage(raw)
  const kind = contentOf(message)?.kind
  if (kind === 'reaction' || kind === 'sealed_reaction') return 'reaction'
  // One version of a poll is wrapped in another message.
  if (kind === 'poll' || kind === 'vote' || message.pollCreationMessageV4) return 'poll'
  return mediaTypeOf(raw) ? 'media' : 'text'
}
