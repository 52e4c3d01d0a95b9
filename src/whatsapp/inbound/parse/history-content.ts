import type { JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import {
  contentOf,
  type MessageContent,
  type MessageKind,
  targetOf,
  textOf,
} from '../../../events/message-kinds.ts'
import { keyedId, objectAt, textAt } from '../../../events/unwrap.ts'

/** What the message history tells about a message, in the words it is stored in. */
export interface HistoryContent {
  type: string
  text: string
  /** The message it answers, reacts to or edits, else ''. */
  quotedId: string
}

/** The kinds whose entry says what they answer. */
const ANSWERING: readonly MessageKind[] = ['text', 'buttons_response', 'list_response']

/** Numbers of `ProtocolMessage.Type`. */
const REVOKE = 0
const MESSAGE_EDIT = 14

/** Undefined for what is nothing to show: key exchanges, traffic between own devices, votes, empty texts. */
export function historyContent(message: ProtoJson): HistoryContent | undefined {
  const found = contentOf(message)
  const entry = found?.kind === 'change' ? changeIn(found.content) : found && entryFor(found)
  return entry?.text ? entry : undefined
}

function changeIn(protocol: JsonObject): HistoryContent | undefined {
  const target = keyedId(protocol)
  if (protocol.type === REVOKE) return { type: 'delete', text: target, quotedId: '' }
  if (protocol.type !== MESSAGE_EDIT) return undefined
  const edited = historyContent(objectAt(protocol, 'editedMessage') ?? {})
  return { type: 'edit', text: edited?.text ?? '', quotedId: target }
}

function entryFor(found: MessageContent): HistoryContent {
  const { kind: type, text: source, content } = found
  // What may go without a caption is shown as its kind.
  const text = textOf(found) || (source === 'caption' ? `:${type}:` : '')
  if (found.role === 'about') return { type, text, quotedId: targetOf(found) }
  const quotedId = ANSWERING.includes(type) ? textAt(objectAt(content, 'contextInfo'), 'stanzaId') : ''
  return { type, text, quotedId }
}
