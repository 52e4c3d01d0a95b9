import { type MessageRef, messageKey } from '../../lib/message-ref.ts'
import type { ChatReads } from '../inbound/chat-reads.ts'
import { namesOf } from '../inbound/identities.ts'
import type { LiveSession } from '../session/session.ts'

/** Sends read receipts for messages that others wrote in one chat, and notes that they were read. Throws as `call` does. */
export async function sendReadReceipts(
  session: LiveSession,
  messages: MessageRef[],
  reads: Pick<ChatReads, 'note'>,
): Promise<void> {
  const keys = await session.call(async (socket) => {
    await socket.readMessages(messages.map(messageKey))
    return socket.authState.keys
  })
  // Of one chat, under one of its JIDs or both.
  const named = [...new Set(messages.map(({ chat }) => chat))]
  const chats = await Promise.all(
    named.map((chat) => namesOf(chat, async (ids) => keys.get('lid-mapping', ids))),
  )
  const ids = messages.map(({ id }) => id)
  reads.note(session.user.id, { chats: [...new Set(chats.flat())], ids })
}
