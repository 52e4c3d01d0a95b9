import { type MessageName, messageKey } from '../../lib/message-ref.ts'
import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type TextContent, textContent } from './text.ts'

/** The new text of an own message. */
export interface EditContent extends TextContent, MessageName {}

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
