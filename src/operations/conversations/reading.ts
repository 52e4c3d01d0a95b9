import { ApiError } from '../../lib/errors.ts'
import { refOf } from '../../lib/message-ref.ts'
import { keepReadings, keepUnreadMarks } from '../../store/messages/chats.ts'
import { latestOfChat, newestReceived } from '../../store/messages/messages.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { markChatRead, markChatUnread } from '../chats/chats.ts'
import type { UserScope } from '../services.ts'
import { type ChatView, chatNamed, viewChat } from './chat-views.ts'

/** Receipts for more than this many messages say nothing to anybody. */
const READ_AT_ONCE = 50

/**
 * Marks all messages of a chat as read: here, and where the session is connected also for their authors and the account's
 * other devices. Gives the chat as it is then. Throws `invalid_jid`.
 */
export async function readConversation(scope: UserScope, chat: string): Promise<ChatView> {
  const { user, services } = scope
  const entry = await chatNamed(scope, chat)
  const before = await viewChat(scope, chat)
  const newest = await latestOfChat(services.db, user.id, entry.jids)
  // A mark as unread may stand under either address.
  await keepReadings(
    services.db,
    entry.jids.map((jid) => ({ userId: user.id, chat: jid, readAt: newest })),
  )
  services.chatChanges.tell(user.id, [{ kind: 'chat', chat: entry.chat }])
  const { unread } = before
  if (unread > 0 || before.isMarkedUnread)
    await onPhone(scope, async (session) => {
      const limit = Math.min(unread, READ_AT_ONCE)
      const messages = await newestReceived(services.db, { userId: user.id, chats: entry.jids, limit })
      if (messages.length > 0) await session.readMessages(messages.map(refOf))
      if (before.isMarkedUnread) await markChatRead(session, entry.chat)
    })
  return viewChat(scope, chat)
}

/** Marks a chat as unread, here and where the session is connected also on the account's other devices. Throws `invalid_jid`. */
export async function unreadConversation(scope: UserScope, chat: string): Promise<ChatView> {
  const { user, services } = scope
  const entry = await chatNamed(scope, chat)
  await keepUnreadMarks(services.db, user.id, [entry.chat])
  services.chatChanges.tell(user.id, [{ kind: 'chat', chat: entry.chat }])
  await onPhone(scope, (session) => markChatUnread(session, entry.chat))
  return viewChat(scope, chat)
}

/** Tells WhatsApp, where that is possible: what is marked here stays marked, whatever WhatsApp says. */
async function onPhone(
  { user, services }: UserScope,
  tell: (session: LiveSession) => Promise<void>,
): Promise<void> {
  const session = services.sessions.find(user.id)
  if (!session?.status.loggedIn) return
  try {
    await tell(session)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    services.log.debug({ err: error, session: user.id }, 'could not tell WhatsApp what was read')
  }
}
