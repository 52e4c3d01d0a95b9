import type { JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import { objectAt, textAt, unwrapMessage } from '../../../events/unwrap.ts'

/** What the message history tells about a message, in the words it is stored in. */
export interface HistoryContent {
  type: string
  text: string
  /** The message it answers, reacts to or edits, else ''. */
  quotedId: string
}

/** Member of a message -> the word for it. Without a caption its text is the word between colons. */
const MEDIA = {
  imageMessage: 'image',
  videoMessage: 'video',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
  contactMessage: 'contact',
  contactsArrayMessage: 'contact',
  locationMessage: 'location',
  liveLocationMessage: 'location',
} as const

/** Numbers of `ProtocolMessage.Type`. */
const REVOKE = 0
const MESSAGE_EDIT = 14

/** Undefined for what is nothing to show: key exchanges, traffic between own devices, votes, empty texts. */
export function historyContent(raw: ProtoJson): HistoryContent | undefined {
  const { message } = unwrapMessage(raw)
  const content = changeOf(message) ?? mediaOf(message) ?? choiceOf(message) ?? textOf(message)
  return content?.text ? content : undefined
}

function changeOf(message: ProtoJson): HistoryContent | undefined {
  const reaction = objectAt(message, 'reactionMessage')
  if (reaction) return { type: 'reaction', text: textAt(reaction, 'text'), quotedId: idOfKey(reaction) }

  const protocol = objectAt(message, 'protocolMessage')
  if (!protocol) return undefined
  const target = idOfKey(protocol)
  if (protocol.type === REVOKE) return { type: 'delete', text: target, quotedId: '' }
  if (protocol.type !== MESSAGE_EDIT) return { type: '', text: '', quotedId: '' }
  const edited = historyContent(objectAt(protocol, 'editedMessage') ?? {})
  return { type: 'edit', text: edited?.text ?? '', quotedId: target }
}

function mediaOf(message: ProtoJson): HistoryContent | undefined {
  for (const [member, type] of Object.entries(MEDIA)) {
    const media = objectAt(message, member)
    if (media) return { type, text: textAt(media, 'caption') || `:${type}:`, quotedId: '' }
  }
  return undefined
}

function choiceOf(message: ProtoJson): HistoryContent | undefined {
  const list = objectAt(message, 'listMessage')
  if (list) return { type: 'list', text: textAt(list, 'description') || textAt(list, 'title'), quotedId: '' }
  const flow = objectAt(message, 'interactiveMessage')
  if (flow) return { type: 'buttons', text: textAt(objectAt(flow, 'body'), 'text'), quotedId: '' }
  const buttons = objectAt(message, 'buttonsMessage')
  if (buttons) return { type: 'buttons', text: textAt(buttons, 'contentText'), quotedId: '' }

  const pressed = objectAt(message, 'buttonsResponseMessage')
  if (pressed) return answer('buttons_response', pressed, 'selectedDisplayText')
  const chosen = objectAt(message, 'listResponseMessage')
  if (chosen) return answer('list_response', chosen, 'title')
  return undefined
}

function answer(type: string, content: JsonObject, member: string): HistoryContent {
  return { type, text: textAt(content, member), quotedId: quotedBy(content) }
}

function textOf(message: ProtoJson): HistoryContent | undefined {
  const extended = objectAt(message, 'extendedTextMessage')
  const text = textAt(message, 'conversation') || textAt(extended, 'text')
  return { type: 'text', text, quotedId: quotedBy(extended) }
}

function quotedBy(content: JsonObject | undefined): string {
  return textAt(objectAt(content, 'contextInfo'), 'stanzaId')
}

function idOfKey(parent: JsonObject): string {
  return textAt(objectAt(parent, 'key'), 'id')
}
