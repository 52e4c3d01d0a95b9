import { type Queryable, rawRows } from '../database/database.ts'
import type { ActiveChat } from './messages.ts'

/** More chats of one user are not listed; an account with so many is not read by people. */
const MOST_CHATS = 20_000
/** Unread messages are counted up to here: nobody reads on, and whoever writes to us chooses how many there are. */
export const MOST_UNREAD = 1_000

/** Where the messages of a user are: in `messages`, and in the history of those who keep one. */
const SOURCES = {
  messages: { table: 'messages', chat: 'chat' },
  history: { table: 'message_history', chat: 'chat_jid' },
} as const

/** One of them. */
export type MessageSource = keyof typeof SOURCES

/**
 * The chats of a user that have messages in one of the sources, and when the newest was written, in no order. It jumps
 * from chat to chat in the index: neither database finds such a plan for a `group by`, which reads every message.
 */
export async function listActiveChats(
  db: Queryable,
  userId: string,
  source: MessageSource,
): Promise<ActiveChat[]> {
  const { table, chat } = SOURCES[source]
  const rows: { chat: string; last_at: number }[] = await rawRows(
    db,
    `with recursive names(chat) as (
       select min(${chat}) from ${table} where user_id = ?
       union all
       select (select min(${chat}) from ${table} where user_id = ? and ${chat} > names.chat)
       from names where names.chat is not null
     )
     select names.chat as chat,
            (select max(at) from ${table} where user_id = ? and ${chat} = names.chat) as last_at
     from names where names.chat is not null
     limit ?`,
    [userId, userId, userId, MOST_CHATS],
  )
  return rows.map((row) => ({ chat: row.chat, lastAt: Number(row.last_at) }))
}

/** A chat under one of its JIDs, and up to when it was read, unix milliseconds. */
export interface ReadChat {
  chat: string
  readAt: number
}

/**
 * When the account itself last wrote in these chats, later than it has read them, by chat. Of a chat in which others have
 * written very much since, nothing is found.
 */
export async function findAnswers(
  db: Queryable,
  userId: string,
  chats: ReadChat[],
): Promise<Map<string, number>> {
  const rows = await forChats<{ chat: string; own_at: number | null }>(
    db,
    chats,
    `select asked.chat as chat,
            (select m.at from messages m
             where m.user_id = ? and m.chat = asked.chat and m.from_me and m.at > asked.read_at
               and m.at >= coalesce((select n.at from messages n
                                     where n.user_id = ? and n.chat = asked.chat
                                     order by n.at desc limit 1 offset ?), 0)
             order by m.at desc limit 1) as own_at
     from asked`,
    [userId, userId, MOST_UNREAD],
  )
  return new Map(rows.flatMap(({ chat, own_at: at }) => (at === null ? [] : [[chat, Number(at)]])))
}

/** How many messages others have written in these chats since they were read, `MOST_UNREAD` at most, by chat. */
export async function countUnread(
  db: Queryable,
  userId: string,
  chats: ReadChat[],
): Promise<Map<string, number>> {
  const rows = await forChats<{ chat: string; unread: number }>(
    db,
    chats,
    `select asked.chat as chat,
            (select count(*) from
              (select 1 from messages m
               where m.user_id = ? and m.chat = asked.chat and m.at > asked.read_at
                 and not m.from_me and m.status = 'received'
               limit ?) unread) as unread
     from asked`,
    [userId, MOST_UNREAD],
  )
  return new Map(rows.map(({ chat, unread }) => [chat, Number(unread)]))
}

/** The beginnings of the newest messages of a chat, to look for words in, newest first. */
export async function readBeginnings(
  db: Queryable,
  { userId, chat, since, limit, bytes }: BeginningsQuery,
): Promise<MessageBeginning[]> {
  return (
    db('messages')
      .where({ user_id: userId, chat })
      .where('at', '>=', since)
      .orderBy('at', 'desc')
      .limit(limit)
      // Four characters of base64 are three bytes.
      .select('id', 'chat', db.raw('substr(proto, 1, ?) as beginning', [Math.ceil(bytes / 3) * 4]))
  )
}

export interface BeginningsQuery {
  userId: string
  chat: string
  /** Unix milliseconds. */
  since: number
  limit: number
  /** So much of each. */
  bytes: number
}

/** The beginning of an encoded message. */
export interface MessageBeginning {
  id: string
  chat: string
  /** Base64. */
  beginning: string
}

/** Runs a statement that reads from `asked`, the chats with the instants. */
async function forChats<Row>(
  db: Queryable,
  chats: ReadChat[],
  sql: string,
  bindings: (string | number)[],
): Promise<Row[]> {
  if (chats.length === 0) return []
  // PostgreSQL has to be told what a list of values is.
  const values = chats.map(() => '(cast(? as text), cast(? as bigint))').join(', ')
  return rawRows(db, `with asked(chat, read_at) as (values ${values}) ${sql}`, [
    ...chats.flatMap(({ chat, readAt }) => [chat, readAt]),
    ...bindings,
  ])
}
