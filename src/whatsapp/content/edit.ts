import { type MessageName, messageKey } from '../../lib/message-ref.ts'
import { normalizeMessageContent, proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type TextContent, textContent } from './text.ts'

/** The new text of an own message. */
export interface EditContent extends TextContent, MessageName {}

/** The members with a caption that can be changed. */
const CAPTIONED = ['imageMessage', 'videoMessage', 'documentMessage'] as const
export type CaptionMember = (typeof CAPTIONED)[number]

/** The member of a message whose caption an edit changes; undefined for texts and what has no caption. */
export function captionMember(message: proto.IMessage): CaptionMember | undefined {
  const content = normalizeMessageContent(message) ?? message
  return CAPTIONED.find((member) => content[member])
}

/** What an edit of a caption holds: the caption alone, as phones keep the file that they have. */
export function captioned(
  member: CaptionMember,
  { text, contextInfo }: proto.Message.IExtendedTextMessage,
): proto.IMessage {
  return { [member]: { caption: text, ...(contextInfo && { contextInfo }) } }
}

/** Whether phones let its author change a message. */
export function isEditable(message: proto.IMessage): boolean {
  const content = normalizeMessageContent(message) ?? message
  return Boolean(content.conversation || content.extendedTextMessage || captionMember(message))
}

/** A message as it stands once its author has given it another text, or its file another caption. */
export function asEdited(message: proto.IMessage, text: string): proto.IMessage {
  const content = normalizeMessageContent(message) ?? message
  const member = captionMember(message)
  if (member) return { ...content, [member]: { ...content[member], caption: text } }
  if (content.extendedTextMessage)
    return { ...content, extendedTextMessage: { ...content.extendedTextMessage, text } }
  return content.conversation ? { ...content, conversation: text } : message
}

/** Replaces the text of an own message. Phones accept it for 15 minutes; nobody tells the sender when they do not. */
export function editContent({ chat, id, ...content }: EditContent): Content {
  return {
    message: {
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
        key: messageKey({ chat, id, fromMe: true, author: '' }),
        editedMessage: textContent(content),
        timestampMs: Date.now(),
      },
    },
    attributes: { edit: '1' },
  }
}
