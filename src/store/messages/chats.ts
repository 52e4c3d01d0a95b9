import type { MessageNames, OfUser } from '../../lib/message-ref.ts'
import { chunked, insertChunked, type Queryable } from '../database/database.ts'
import { storable } from '../database/storable.ts'

/** What is known of a chat besides its messages. */
export interface KnownChat {
  /** JID, without device. */
  chat: string
  /** Of a group; '' where it is not known, and for people. */
  name: string
  /** When the newest message was written that the account has read, unix milliseconds; 0 = none is known. */
  readAt: number
  /** Somebody wants to come back to it, whatever has been read. */
  isMarkedUnread: boolean
}

/** How far a chat was read. */
export type ChatReading = OfUser<Pick<KnownChat, 'chat' | 'readAt'>>

interface ChatRow {
  user_id: string
  chat: string
  name: string
  read_at: number
  marked_unread: boolean | 0 | 1
}

/** What is known of these chats, in no order. */
export async function findChats(db: Queryable, userId: string, chats: string[]): Promise<KnownChat[]> {
  const found: KnownChat[] = []
  for (const some of chunked(chats)) {
    const rows = await db<ChatRow>('chats').where({ user_id: userId }).whereIn('chat', some)
    found.push(...rows.map(fromRow))
  }
  return found
}

/** The chats of a user that have a name, in no order, `limit` at most. */
export async function listNamedChats(
  db: Queryable,
  userId: string,
  limit: number,
): Promise<Pick<KnownChat, 'chat' | 'name'>[]> {
  return db<ChatRow>('chats')
    .where({ user_id: userId })
    .whereNot('name', '')
    .limit(limit)
    .select('chat', 'name')
}

/** Stores what groups are called, one entry per chat. */
export async function keepChatNames(
  db: Queryable,
  userId: string,
  names: Pick<KnownChat, 'chat' | 'name'>[],
): Promise<void> {
  const rows = names.map(({ chat, name }) => ({ user_id: userId, chat, name: storable(name) }))
  await insertChunked(db, 'chats', rows, (insert) => insert.onConflict(['user_id', 'chat']).merge(['name']))
}

/** Notes how far chats were read; what was read before stays read. A mark as unread goes. */
export async function keepReadings(db: Queryable, readings: ChatReading[]): Promise<void> {
  // One statement must not write a row twice.
  const latest = new Map<string, ChatReading>()
  for (const one of readings) {
    const key = `${one.userId}/${one.chat}`
    if (one.readAt >= (latest.get(key)?.readAt ?? 0)) latest.set(key, one)
  }
  const rows = [...latest.values()].map(({ userId, chat, readAt }) => ({
    user_id: userId,
    chat,
    read_at: readAt,
    marked_unread: false,
  }))
  await insertChunked(db, 'chats', rows, (insert) =>
    insert.onConflict(['user_id', 'chat']).merge({
      read_at: db.raw(
        'case when excluded.read_at > chats.read_at then excluded.read_at else chats.read_at end',
      ),
      marked_unread: false,
    }),
  )
}

/** Marks chats as unread, each named once. */
export async function keepUnreadMarks(db: Queryable, userId: string, chats: string[]): Promise<void> {
  const rows = chats.map((chat) => ({ user_id: userId, chat, marked_unread: true }))
  await insertChunked(db, 'chats', rows, (insert) =>
    insert.onConflict(['user_id', 'chat']).merge(['marked_unread']),
  )
}

/** Up to when chats were read in which these messages were; those that are not stored tell nothing. */
export async function readingsOf(db: Queryable, read: OfUser<MessageNames>[]): Promise<ChatReading[]> {
  const names = read.flatMap(({ userId, id, chats }) => chats.map((chat) => [userId, id, chat]))
  const readings: ChatReading[] = []
  for (const some of chunked(names)) {
    const rows: { user_id: string; chat: string; read_at: number }[] = await db('messages')
      .whereIn(['user_id', 'id', 'chat'], some)
      .groupBy('user_id', 'chat')
      .select('user_id', 'chat', db.max('at').as('read_at'))
    readings.push(...rows.map((row) => ({ userId: row.user_id, chat: row.chat, readAt: row.read_at })))
  }
  return readings
}

function fromRow(row: ChatRow): KnownChat {
  return {
    chat: row.chat,
    name: row.name,
    readAt: row.read_at,
    isMarkedUnread: Boolean(row.marked_unread),
  }
}
