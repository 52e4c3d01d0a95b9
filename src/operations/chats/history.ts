import type { MediaOf } from '../../delivery/preparation.ts'
import type { MessageEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { type MessageRef, type MessageTarget, messageKey, refFor } from '../../lib/message-ref.ts'
import type { Database } from '../../store/database/database.ts'
import {
  linkFile,
  listHistory,
  listHistoryChats,
  oldestEntry,
  type StoredHistoryEntry,
} from '../../store/messages/history.ts'
import { latestReceived, oldestOfChat } from '../../store/messages/messages.ts'
import { chatAliases, phonesOf } from '../../whatsapp/inbound/chat-aliases.ts'
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

/** The user's own chats that have a history, the latest first and a person's under the latest JID, and its owner. */
export async function historyChats({
  user,
  services: { db, secrets },
}: UserScope): Promise<{ userId: string; chats: { chat: string; lastAt: number }[] }> {
  const stored = await listHistoryChats(db, user.id)
  const jids = stored.map(({ chat }) => chat)
  const phones = await phonesOf(db, secrets, user.id, jids)
  const chats = new Map<string, (typeof stored)[number]>()
  for (const entry of stored) {
    const person = phones.get(entry.chat) ?? entry.chat
    if (!chats.has(person)) chats.set(person, entry)
  }
  return { userId: user.id, chats: [...chats.values()] }
}

/** Notes in the history where the files of messages were put when they were told of. */
export function withHistoryLink(mediaOf: MediaOf, db: Database): MediaOf {
  return async (wish, signal) => {
    const { event, user } = wish
    const media = await mediaOf(wish, signal)
    if (event.type !== 'message' || !media?.s3 || user.history === 0) return media
    try {
      await linkFile(db, { userId: user.id, chat: event.chat, id: event.id }, media.s3.url)
      return media
    } catch (error) {
      media.release?.()
      throw error
    }
  }
}

/** What older messages of a chat to ask the phone for; what is absent is taken from the last message received. */
export interface OlderMessages extends Partial<Omit<MessageRef, 'author'>> {
  count: number
  /** Unix milliseconds. */
  at?: number
}

/** What was asked for: messages before this one, whose names are '' when none is known to go back from. */
export interface AskedMessages extends MessageRef {
  count: number
  /** Unix milliseconds; undefined when unknown. */
  at: number | undefined
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
    id: wanted.id ?? last?.id ?? '',
    fromMe: wanted.fromMe ?? last?.fromMe ?? false,
    // The phone needs none to find its place.
    author: '',
    at: wanted.at ?? last?.at,
  }
  const key = messageKey(asked)
  await session.call((socket) => socket.fetchMessageHistory(asked.count, key, asked.at ?? 0))
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
): Promise<Omit<OlderMessages, 'count'> | undefined> {
  const [message, entry] = await Promise.all([
    oldestOfChat(db, user.id, chats),
    oldestEntry(db, user.id, chats),
  ])
  if (entry && !(message && message.at <= entry.at)) {
    // What this server sent itself has no event.
    const fromMe = entry.event === '' || (JSON.parse(entry.event) as Pick<MessageEvent, 'fromMe'>).fromMe
    return { chat: entry.chat, id: entry.messageId, fromMe, at: entry.at }
  }
  return message
}

/**
 * Asks the phone for its copy of a message this device could not read; resolves with the id of the request. The copy
 * comes as `message` with that id as `unavailableRequestId`.
 */
export async function requestUnavailable(
  session: LiveSession,
  target: MessageTarget,
): Promise<MessageRef & { requestId: string; timestamp: number }> {
  const message = refFor(target, session.me)
  const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType
  const requestId = await session.call((socket) =>
    socket.sendPeerDataOperationMessage({
      peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
      placeholderMessageResendRequest: [{ messageKey: messageKey(message) }],
    }),
  )
  return { ...message, requestId, timestamp: Math.floor(Date.now() / 1000) }
}
