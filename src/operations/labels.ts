import type { LiveSession } from '../whatsapp/session.ts'
import { changeShared } from './chats.ts'

/** A label of a business account. */
export interface Label {
  id: string
  name: string
  /** Number of one of WhatsApp's colours. */
  color: number
  deleted: boolean
}

/** Makes, changes or deletes a label. */
export async function editLabel(session: LiveSession, label: Label): Promise<Label> {
  // Labels belong to the account; the library asks for a chat all the same.
  await changeShared(session, (socket) => socket.addLabel('', label))
  return label
}

/** A label on a chat. */
export interface ChatLabel {
  /** JID of the chat. */
  chat: string
  labelId: string
  /** Put it on, or take it off. */
  labeled: boolean
}

/** Puts a label on a chat or takes it off. */
export async function labelChat(session: LiveSession, label: ChatLabel): Promise<ChatLabel> {
  const { chat, labelId, labeled } = label
  await changeShared(session, (socket) =>
    labeled ? socket.addChatLabel(chat, labelId) : socket.removeChatLabel(chat, labelId),
  )
  return label
}

/** A label on a message. */
export interface MessageLabel extends ChatLabel {
  messageId: string
}

/** Puts a label on a message or takes it off. */
export async function labelMessage(session: LiveSession, label: MessageLabel): Promise<MessageLabel> {
  const { chat, messageId, labelId, labeled } = label
  await changeShared(session, (socket) =>
    labeled
      ? socket.addMessageLabel(chat, messageId, labelId)
      : socket.removeMessageLabel(chat, messageId, labelId),
  )
  return label
}
