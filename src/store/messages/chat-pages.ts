import { chunked, isPostgres, type Queryable } from '../database/database.ts'
import { type HistoryRow, historyFromRow, type StoredHistoryEntry } from './history.ts'
import { type ActiveChat, type MessageRow, messageFromRow, type StoredMessage } from './messages.ts'

/** The place of a message in its chat. */
export interface Position {
  /** Unix milliseconds. */
  at: number
  id: string
}

/** Which messages of a chat, under one of its JIDs, are wanted: those next to a position, or the newest. */
export interface PageQuery {
  userId: string
  chat: string
  /** Only older ones, the newest of them first. */
  before?: Position
  /** Only newer ones, the oldest of them first. */
  after?: Position
  limit: number
}

/** A message with what became of it; instants are unix milliseconds, null until the step is known. */
export interface ChatMessageRow extends StoredMessage {
  failure: string | null
  sentAt: number | null
  deliveredAt: number | null
  readAt: number | null
  playedAt: number | null
  failedAt: number | null
}

interface Row extends MessageRow {
  failure: string | null
  sent_at: number | null
  delivered_at: number | null
  read_at: number | null
  played_at: number | null
  failed_at: number | null
}

/** A part of the messages of a chat. One JID at a time: of two, the databases would sort the whole chat. */
export async function readChatPage(db: Queryable, query: PageQuery): Promise<ChatMessageRow[]> {
  const { userId, chat, limit } = query
  const place = placeOf(db, { at: 'at', id: 'id' }, query)
  const rows = await db<Row>('messages')
    .where({ user_id: userId, chat })
    .whereRaw(place.sql, place.bindings)
    .orderByRaw(place.order)
    .limit(limit)
  return rows.map(fromRow)
}

/** The same of the history of those who keep one, without what is among the messages as well. */
export async function readHistoryPage(db: Queryable, query: PageQuery): Promise<StoredHistoryEntry[]> {
  const { userId, chat, limit } = query
  const place = placeOf(db, { at: 'h.at', id: 'h.message_id' }, query)
  const rows: HistoryRow[] = await db('message_history as h')
    .where({ 'h.user_id': userId, 'h.chat_jid': chat })
    .whereRaw(place.sql, place.bindings)
    .whereNotExists(
      db('messages as m')
        .whereRaw('m.user_id = h.user_id and m.id = h.message_id and m.chat = h.chat_jid')
        .select(db.raw('1')),
    )
    .orderByRaw(place.order)
    .limit(limit)
    .select('h.*')
  return rows.map(historyFromRow)
}

/** The message of a chat with this id, under any of the chat's JIDs, with what became of it. */
export async function findInChat(
  db: Queryable,
  { userId, chats, ids }: { userId: string; chats: string[]; ids: string[] },
): Promise<ChatMessageRow[]> {
  const rows = await db<Row>('messages').where({ user_id: userId }).whereIn('id', ids).whereIn('chat', chats)
  return rows.map(fromRow)
}

/** The messages of these chats that were written at these instants. */
export async function findWrittenAt(
  db: Queryable,
  userId: string,
  chats: ActiveChat[],
): Promise<ChatMessageRow[]> {
  const places = chats.map(({ chat, lastAt }) => [chat, lastAt])
  const found: ChatMessageRow[] = []
  for (const some of chunked(places)) {
    const rows: Row[] = await db('messages').where({ user_id: userId }).whereIn(['chat', 'at'], some)
    found.push(...rows.map(fromRow))
  }
  return found
}

/** The same in the history. */
export async function findInHistory(
  db: Queryable,
  { userId, chats, ids }: { userId: string; chats: string[]; ids: string[] },
): Promise<StoredHistoryEntry[]> {
  const rows = await db<HistoryRow>('message_history')
    .where({ user_id: userId })
    .whereIn('message_id', ids)
    .whereIn('chat_jid', chats)
  return rows.map(historyFromRow)
}

/** The side of a position as SQL. Its first term lets the index be used, which two in an `or` would not. */
function placeOf(
  db: Queryable,
  columns: { at: string; id: string },
  { before, after }: PageQuery,
): { sql: string; bindings: (string | number)[]; order: string } {
  const { at } = columns
  // Pages of several JIDs are merged by code, which compares texts as SQLite does.
  const id = isPostgres(db) ? `${columns.id} collate "C"` : columns.id
  const direction = after && !before ? 'asc' : 'desc'
  const order = `${at} ${direction}, ${id} ${direction}`
  const position = before ?? after
  if (!position) return { sql: '1 = 1', bindings: [], order }
  const side = before ? '<' : '>'
  return {
    sql: `${at} ${side}= ? and (${at} ${side} ? or ${id} ${side} ?)`,
    bindings: [position.at, position.at, position.id],
    order,
  }
}

function fromRow(row: Row): ChatMessageRow {
  return {
    ...messageFromRow(row),
    failure: row.failure,
    sentAt: row.sent_at,
    deliveredAt: row.delivered_at,
    readAt: row.read_at,
    playedAt: row.played_at,
    failedAt: row.failed_at,
  }
}
