import type { ProtoJson } from '../../../events/event-parts.ts'
import { contentOf, type MessageKind } from '../../../events/message-kinds.ts'

/** The `mediatype` a sender gives a message like this; for messages whose stanza is gone. */
export function mediaTypeOf(raw: ProtoJson): string {
  const { label = '', content = {} } = contentOf(raw) ?? {}
  return typeof label === 'string' ? label : label(content)
}

const STANZA_TYPES: Partial<Record<MessageKind, string>> = {
  reaction: 'reaction',
  sealed_reaction: 'reaction',
  poll: 'poll',
  vote: 'poll',
  event: 'event',
  event_response: 'event',
}

/** The stanza's `type` a sender gives a message like this. */
export function stanzaTypeOf(raw: ProtoJson): string {
  const kind = contentOf(raw)?.kind
  return (kind && STANZA_TYPES[kind]) ?? (mediaTypeOf(raw) ? 'media' : 'text')
}
