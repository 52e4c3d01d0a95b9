import type { MediaOf } from '../../delivery/preparation.ts'
import type { MessageEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { sameUser, serverOf } from '../../lib/jid.ts'
import type { Database } from '../../store/database/database.ts'
import {
  linkFile,
  listHistory,
  listHistoryChats,
  oldestEntry,
  type StoredHistoryEntry,
} from '../../store/messages/history.ts'
import { latestReceived, oldestOfChat } from '../../store/messages/messages.ts'
import { chatAliases } from '../../whatsapp/inbound/chat-aliases.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { UserScope } from '../services.ts'

const DAY_MS = 24 * 3600 * 1000

/** Throws `unsupported` when the user keeps no history. */
export function requireHistory({ user }: UserScope): void {
  if (user.history > 0) return
  throw new ApiError('unsupported', { text: 'message history is disabled for this user' })
}

/** The newest messages of a chat, newest first, whichever of a person's two JIDs they came under. */
export async function chatHistory(
  { user, services: { db, secrets } }: UserScope,
  { chat, limit }: { chat: string; limit: number },
): Promise<StoredHistoryEntry[]> {
  const chats = await chatAliases(db, secrets, user.id, chat)
  return listHistory(db, { userId: user.id, chats, limit })
}

/** The user's own chats that have a history, and its owner. */
export async function historyChats({
  user,
  services: { db },
}: UserScope): Promise<{ userId: string; chats: { chat: string; lastAt: number }[] }> {
  return { userId: user.id, chats: await listHistoryChats(db, user.id) }
}

/** Notes in the history where the files of messages were put when they were told of. */
export function withHistoryLink(mediaOf: MediaOf, db: Database): MediaOf {
  return async (event, user, signal) => {
    const media = await mediaOf(event, user, signal)
    if (event.type === 'message' && media?.s3 && user.history > 0) {
      await linkFile(db, { userId: user.id, chat: event.chat, messageId: event.id }, media.s3.url)
    }
    return media
  }
}

/** What older messages of a chat to ask the phone for; what is absent is taken from the last message received. */
export interface OlderMessages {
  count: number
  chat?: string
  oldestId?: string
  oldestFromMe?: boolean
  /** Unix milliseconds. */
  oldestAt?: number
}

/** What was asked for. */
export interface AskedMessages {
  count: number
  /** '' when no message is known to go back from. */
  chat: string
  oldestId: string
  oldestFromMe: boolean
  /** Unix milliseconds; undefined when unknown. */
  oldestAt: number | undefined
  /** When the phone was asked, unix seconds. */
  timestamp: number
}

/** Asks the phone for messages before a certain one; they come as `history.sync`. Throws `no_session`, `not_logged_in`. */
export async function requestHistory(
  { user, services: { db, sessions } }: UserScope,
  wanted: OlderMessages,
): Promise<AskedMessages> {
  const session = sessions.live(user.id)
  const last = await latestReceived(db, user.id, Date.now() - DAY_MS)
  const asked = {
    count: wanted.count,
    chat: wanted.chat ?? last?.chat ?? '',
    oldestId: wanted.oldestId ?? last?.id ?? '',
    oldestFromMe: wanted.oldestFromMe ?? last?.fromMe ?? false,
    oldestAt: wanted.oldestAt ?? last?.at,
  }
  const key = { remoteJid: asked.chat, id: asked.oldestId, fromMe: asked.oldestFromMe }
  await session.call((socket) => socket.fetchMessageHistory(asked.count, key, asked.oldestAt ?? 0))
  return { ...asked, timestamp: Math.floor(Date.now() / 1000) }
}

/**
 * Asks the phone for what was said in a chat before the oldest message known here; it comes as `history.sync`. Throws
 * `no_session`, `not_logged_in`, and `not_found` when no message of the chat is known, for the phone wants one to go
 * back from.
 */
export async function requestOlder(
  scope: UserScope,
  { chat, count }: { chat: string; count: number },
): Promise<AskedMessages> {
  const { user, services } = scope
  services.sessions.live(user.id)
  const oldest = await oldestKnown(scope, await chatAliases(services.db, services.secrets, user.id, chat))
  if (oldest) return requestHistory(scope, { count, ...oldest })
  throw new ApiError('not_found', { text: 'no message of this chat is known to go back from' })
}

async function oldestKnown(
  { user, services: { db } }: UserScope,
  chats: string[],
): Promise<Pick<OlderMessages, 'chat' | 'oldestId' | 'oldestFromMe' | 'oldestAt'> | undefined> {
  const [message, entry] = await Promise.all([
    oldestOfChat(db, user.id, chats),
    oldestEntry(db, user.id, chats),
  ])
  if (entry && !(message && message.at <= entry.at)) {
    // What this server sent itself has no event.
    const fromMe = entry.event === '' || (JSON.parse(entry.event) as Pick<MessageEvent, 'fromMe'>).fromMe
    return { chat: entry.chat, oldestId: entry.messageId, oldestFromMe: fromMe, oldestAt: entry.at }
  }
  return (
    message && {
      chat: message.chat,
      oldestId: message.id,
      oldestFromMe: message.fromMe,
      oldestAt: message.at,
    }
  )
}

/** A message this device could not read. */
export interface UnreadableMessage {
  /** JID of the chat. */
  chat: string
  /** JID of its author. */
  sender: string
  id: string
}

/**
 * Asks the phone for its copy of a message this device could not read; resolves with the id of the request. The copy
 * comes as `message` with that id as `unavailableRequestId`.
 */
export async function requestUnavailable(
  session: LiveSession,
  { chat, sender, id }: UnreadableMessage,
): Promise<UnreadableMessage & { requestId: string; timestamp: number }> {
  const { pn, lid } = session.me
  const messageKey = {
    remoteJid: chat,
    fromMe: sameUser(sender, pn) || sameUser(sender, lid),
    id,
    ...(['g.us', 'broadcast'].includes(serverOf(chat)) && { participant: sender }),
  }
  const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType
  const requestId = await session.call((socket) =>
    socket.sendPeerDataOperationMessage({
      peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
      placeholderMessageResendRequest: [{ messageKey }],
    }),
  )
  return { chat, sender, id, requestId, timestamp: Math.floor(Date.now() / 1000) }
}
