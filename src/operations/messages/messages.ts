import { type MessageRef, messageKey, refOf } from '../../lib/message-ref.ts'
import { findMessages, newestReceived } from '../../store/messages/messages.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { markChatRead } from '../chats/chats.ts'
import type { UserScope } from '../services.ts'

/** Messages of one chat that were read. */
export interface ReadMarks {
  /** JID of the chat. */
  chat: string
  /** Who wrote them; needed in groups. */
  sender?: string
  ids: string[]
}

/** Sends read receipts; with receipts switched off in the account's privacy only its own devices learn of it. */
export function markRead(session: LiveSession, { chat, sender, ids }: ReadMarks): Promise<void> {
  return session.readMessages(ids.map((id) => ({ chat, id, fromMe: false, author: sender ?? '' })))
}

/** A chat to mark read, or some of its messages. */
export interface ChatReading {
  /** JID of the chat. */
  chat: string
  /** The newest messages that others wrote when empty. */
  ids: string[]
  /** Who wrote them, where it is not known here; needed in groups. */
  sender: string
}

// Whoever leaves more unread has the phone mark the chat.
const READ_AT_ONCE = 50

/** Sends read receipts for messages of a chat, knowing from the store who wrote them. Throws `no_session`. */
export async function readChat(
  { user, services }: UserScope,
  { chat, ids, sender }: ChatReading,
): Promise<void> {
  const { db, secrets, sessions } = services
  const session = sessions.live(user.id)
  const chats = await chatAliases(db, secrets, user.id, chat)
  if (ids.length === 0) {
    const newest = await newestReceived(db, { userId: user.id, chats, limit: READ_AT_ONCE })
    return session.readMessages(newest.map(refOf))
  }
  const known = await findMessages(
    db,
    ids.flatMap((id) => chats.map((name) => ({ userId: user.id, id, chat: name }))),
  )
  const named = new Map(known.map((message) => [message.id, message]))
  return session.readMessages(
    ids.map((id) => {
      const message = named.get(id)
      const author = sender || (message?.sender ?? '')
      return { chat: message?.chat ?? chat, id, fromMe: false, author }
    }),
  )
}

/** Marks a chat read: receipts for its newest messages, and no mark as unread any more. Throws `no_session`. */
export async function seeChat(scope: UserScope, chat: string): Promise<void> {
  await readChat(scope, { chat, ids: [], sender: '' })
  await markChatRead(scope.services.sessions.live(scope.user.id), chat)
}

/** An emoji on a message. */
export interface Reaction extends MessageRef {
  /** '' takes the reaction back. */
  emoji: string
}

/** Reacts to a message; the result carries that message's id. */
export async function reactToMessage(session: LiveSession, reaction: Reaction): Promise<Sent> {
  return { ...(await react(session, reaction)), id: reaction.id }
}

/** Reacts to a message; resolves when the server has acknowledged the reaction. */
export async function react(session: LiveSession, { emoji, ...message }: Reaction): Promise<Sent> {
  return session.send({
    to: message.chat,
    message: {
      reactionMessage: { key: messageKey(message), text: emoji, senderTimestampMs: Date.now() },
    },
    // One that is taken back is announced as a message that is taken back.
    ...(emoji === '' && { attributes: { edit: '7' } }),
  })
}
