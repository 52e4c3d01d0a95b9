import type { MessageName, OfUser } from '../../lib/message-ref.ts'
import { chunked, type Queryable } from '../database/database.ts'

/** A message as `/chat/history` tells of it. */
export interface HistoryEntry {
  userId: string
  chat: string
  /** JID of the author with device; `me` for what was sent through the API. */
  sender: string
  messageId: string
  /** Unix milliseconds. */
  at: number
  /** `text`, `image`, `reaction`, `edit`, `delete`, `unknown`, ... */
  type: string
  text: string
  /** Where its file was put, '' when nowhere. */
  mediaLink: string
  /** The message it answers, reacts to or edits, else ''. */
  quotedId: string
  /** The `message` event as JSON, '' for what was sent through the API. */
  event: string
}

/** An entry with its number; later entries have higher ones. */
export interface StoredHistoryEntry extends HistoryEntry {
  id: number
}

/** An entry as the database has it. */
export interface HistoryRow {
  id: number
  user_id: string
  chat_jid: string
  sender_jid: string
  message_id: string
  at: number
  message_type: string
  text_content: string
  media_link: string
  quoted_message_id: string
  event: string
}

/** Their events may have pictures in them. */
const ENTRIES_AT_ONCE = 200

/**
 * Adds entries, oldest first. A message that is there already stays as it is, except that an `unknown` one becomes the
 * `edit` it turns out to be.
 */
export async function addHistory(db: Queryable, entries: HistoryEntry[]): Promise<void> {
  for (const some of chunked(entries.filter(({ type }) => type !== 'edit').map(toRow)))
    await db('message_history').insert(some).onConflict(['user_id', 'message_id']).ignore()
  for (const edit of entries.filter(({ type }) => type === 'edit')) {
    await db('message_history')
      .insert(toRow(edit))
      .onConflict(['user_id', 'message_id'])
      .merge(['message_type', 'sender_jid', 'text_content', 'quoted_message_id', 'event'])
      .where('message_history.message_type', 'unknown')
      .where('message_history.chat_jid', edit.chat)
  }
}

/** Notes where the file of a message was put, if the message has an entry; ids are chosen by whoever writes. */
export async function linkFile(db: Queryable, message: OfUser<MessageName>, url: string): Promise<void> {
  await db('message_history')
    .where({ user_id: message.userId, message_id: message.id, chat_jid: message.chat })
    .update({ media_link: url })
}

/** Keeps the newest `limit` entries of a chat. */
export async function trimHistory(
  db: Queryable,
  chat: { userId: string; chat: string },
  limit: number,
): Promise<void> {
  const surplus: number[] = await ofChats(db, chat.userId, [chat.chat])
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .offset(limit)
    // SQLite takes an offset only together with a limit; more than this never gathers at once.
    .limit(100_000)
    .pluck('id')
  for (const ids of chunked(surplus)) await db('message_history').whereIn('id', ids).delete()
}

/** The newest entries of a chat that is known under these JIDs, newest first. */
export async function listHistory(
  db: Queryable,
  query: { userId: string; chats: string[]; limit: number },
): Promise<StoredHistoryEntry[]> {
  const rows: HistoryRow[] = await ofChats(db, query.userId, query.chats)
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(query.limit)
  return rows.map(historyFromRow)
}

/** The texts of the newest entries of a chat since an instant (milliseconds), newest first. */
export async function readHistoryTexts(
  db: Queryable,
  { userId, chat, since, limit }: { userId: string; chat: string; since: number; limit: number },
): Promise<string[]> {
  return ofChats(db, userId, [chat])
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .limit(limit)
    .pluck('text_content')
}

/** All entries of a user, oldest first, in portions. */
export async function* readAllHistory(db: Queryable, userId: string): AsyncGenerator<HistoryEntry[]> {
  let after = 0
  for (;;) {
    const rows = await db<HistoryRow>('message_history')
      .where('user_id', userId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(ENTRIES_AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(historyFromRow)
    after = last.id
  }
}

/** The oldest entry of a chat that is known under these JIDs. */
export async function oldestEntry(
  db: Queryable,
  userId: string,
  chats: string[],
): Promise<StoredHistoryEntry | undefined> {
  const row = await ofChats(db, userId, chats).orderBy('at').first()
  return row && historyFromRow(row)
}

/** The chats of a user that have entries, the one with the newest first; `lastAt` in unix milliseconds. */
export async function listHistoryChats(
  db: Queryable,
  userId: string,
): Promise<{ chat: string; lastAt: number }[]> {
  const rows: { chat_jid: string; last_at: number }[] = await db('message_history')
    .where('user_id', userId)
    .groupBy('chat_jid')
    .select('chat_jid', db.max('at').as('last_at'))
    .orderBy('last_at', 'desc')
  return rows.map((row) => ({ chat: row.chat_jid, lastAt: row.last_at }))
}

/** How many messages per chat each of these users wants kept; users who want none are left out. */
export async function historyLimits(db: Queryable, userIds: string[]): Promise<Map<string, number>> {
  const limits = new Map<string, number>()
  for (const ids of chunked(userIds)) {
    const rows: { id: string; history: number }[] = await db('users')
      .whereIn('id', ids)
      .where('history', '>', 0)
      .select('id', 'history')
    for (const { id, history } of rows) limits.set(id, history)
  }
  return limits
}

function ofChats(db: Queryable, userId: string, chats: string[]) {
  return db<HistoryRow>('message_history').where('user_id', userId).whereIn('chat_jid', chats)
}

/** The entry of a row. */
export function historyFromRow(row: HistoryRow): StoredHistoryEntry {
  return {
    id: row.id,
    userId: row.user_id,
    chat: row.chat_jid,
    sender: row.sender_jid,
    messageId: row.message_id,
    at: row.at,
    type: row.message_type,
    text: row.text_content,
    mediaLink: row.media_link,
    quotedId: row.quoted_message_id,
    event: row.event,
  }
}

function toRow(entry: HistoryEntry): Omit<HistoryRow, 'id'> {
  return {
    user_id: entry.userId,
    chat_jid: entry.chat,
    sender_jid: entry.sender,
    message_id: entry.messageId,
    at: entry.at,
    message_type: entry.type,
    text_content: entry.text,
    media_link: entry.mediaLink,
    quoted_message_id: entry.quotedId,
    event: entry.event,
  }
}
