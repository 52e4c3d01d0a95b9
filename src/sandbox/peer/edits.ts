import { normalizeMessageContent, proto } from '../../whatsapp/library/engine.ts'
import { textOf } from '../world/message-parts.ts'
import type { ReceivedMessage } from './peer-inbox.ts'

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
const CAPTIONED = ['imageMessage', 'videoMessage', 'documentMessage'] as const

/**
 * Shows the message that an edit is about as it stands from now on. Its writer alone can change it, a text to another text
 * and the caption of a file to another caption: anything else changes nothing on the screen.
 */
export function showEdit(messages: ReceivedMessage[], edit: ReceivedMessage): void {
  const { type, key, editedMessage } = normalizeMessageContent(edit.message)?.protocolMessage ?? {}
  if (type !== MESSAGE_EDIT || !editedMessage) return
  const target = messages.findLast(
    ({ id, chat, from }) => id === key?.id && chat === edit.chat && from === edit.from,
  )
  const shown = normalizeMessageContent(target?.message)
  if (!target || !shown) return

  const text = textOf(editedMessage)
  const captioned = CAPTIONED.find((member) => shown[member])
  if (captioned) {
    if (!editedMessage[captioned]) return
    Object.assign(shown[captioned] ?? {}, { caption: text })
  } else if (textOf({ ...editedMessage, ...noFiles }) === undefined) return
  else if (shown.extendedTextMessage) shown.extendedTextMessage.text = text
  else if (shown.conversation) shown.conversation = text
  target.text = textOf(target.message)
}

const noFiles = { imageMessage: null, videoMessage: null, documentMessage: null }
