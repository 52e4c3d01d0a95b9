import { type MessageName, type MessageNames, nameText, type OfUser } from '../../lib/message-ref.ts'
import { chunked, insertChunked, type Queryable } from '../database/database.ts'
import { storable } from '../database/storable.ts'

/** A message as it was sent or received. */
export interface StoredMessage extends OfUser<MessageName> {
  fromMe: boolean
  /** JID of its author. */
  sender: string
  /** When it was written, in milliseconds. */
  at: number
  /** The encoded `proto.Message`. */
  proto: Uint8Array
  /** How far it got: `received`, or for messages sent from here a `Progress`. */
  status: string
  /** Whom a message sent from here to a group or a status went to, an id of `audiences`. */
  audience?: string | null
}

/** How far a message sent from here can get, in this order; a receipt also tells of a message that seemed to fail. */
const PROGRESS = ['pending', 'failed', 'sent', 'delivered', 'read', 'played'] as const
export type Progress = (typeof PROGRESS)[number]

/** A message as the database has it. */
export interface MessageRow {
  user_id: string
  id: string
  chat: string
  from_me: boolean | 0 | 1
  sender: string
  at: number
  proto: string
  status: string
  audience: string | null
}

/** One step of a sent message. */
export interface Step {
  status: Progress
  /** When it was noticed, unix milliseconds. */
  at: number
  /** Why it failed, a sentence. */
  failure?: string
}

/** They may have pictures in them. */
const MESSAGES_AT_ONCE = 100

/** Whether this server has sent a message: others, and the account's other devices, choose ids as well. */
const SENT_HERE = `messages.from_me and messages.status <> 'received'`

/**
 * What becomes of a row when a message is sent under its user, chat and id, in SQL by column: sending an id again is the same
 * message, which keeps its time and how far it got. Of what somebody else sent under that id nothing is left.
 */
export const SENT_AGAIN = {
  from_me: 'excluded.from_me',
  sender: 'excluded.sender',
  proto: 'excluded.proto',
  audience: 'excluded.audience',
  at: `case when ${SENT_HERE} then messages.at else excluded.at end`,
  status: `case when ${SENT_HERE} then messages.status else excluded.status end`,
}

/** Stores sent messages, or replaces what was stored under the same user, chat and id as `SENT_AGAIN` says. */
export function keepMessages(db: Queryable, messages: StoredMessage[]): Promise<void> {
  const changes = Object.entries(SENT_AGAIN).map(([column, sql]) => [column, db.raw(sql)])
  return insertChunked(db, 'messages', messageRows(messages), (insert) =>
    insert.onConflict(['user_id', 'id', 'chat']).merge(Object.fromEntries(changes)),
  )
}

/** The rows of messages. Of two with the same key the later counts; one statement must not write a row twice. */
export function messageRows(messages: StoredMessage[]): MessageRow[] {
  const latest = new Map(messages.map((message) => [storable(nameText(message)), message]))
  return [...latest.values()].map(toRow)
}

/** Stores received messages. One whose id is taken changes nothing: whoever writes to us chooses the ids. */
export function keepReceivedMessages(db: Queryable, messages: StoredMessage[]): Promise<void> {
  return insertChunked(db, 'messages', messages.map(toRow), (insert) =>
    insert.onConflict(['user_id', 'id', 'chat']).ignore(),
  )
}

/** The message with this id in a chat; of several, under different JIDs of the chat, the newest. */
export async function findMessage(
  db: Queryable,
  { userId, id, chats }: OfUser<MessageNames>,
): Promise<StoredMessage | undefined> {
  const row = await ofChats(db, userId, chats).where('id', id).orderBy('at', 'desc').first()
  return row && messageFromRow(row)
}

/** Every message with this id, of a few chats at most: ids are chosen at random, unless somebody wants them to be equal. */
export async function findByIdOnly(db: Queryable, userId: string, id: string): Promise<StoredMessage[]> {
  const rows = await db<MessageRow>('messages').where({ user_id: userId, id }).orderBy('at', 'desc').limit(10)
  return rows.map(messageFromRow)
}

/** The same as `findMessage`, but only what this server has sent. */
export async function findSentMessage(
  db: Queryable,
  { userId, id, chats }: OfUser<MessageNames>,
): Promise<StoredMessage | undefined> {
  const row = await ofChats(db, userId, chats)
    .where('id', id)
    .whereRaw(SENT_HERE)
    .orderBy('at', 'desc')
    .first()
  return row && messageFromRow(row)
}

/** The messages with these names, of any number of users. */
export async function findMessages(db: Queryable, names: OfUser<MessageName>[]): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = []
  for (const some of chunked(names)) {
    const rows: MessageRow[] = await withNames(db, some).orderBy('at')
    messages.push(...rows.map(messageFromRow))
  }
  return messages
}

/** A message sent from here, and whom it went to; null where that was not written down. */
export interface SentTo extends OfUser<MessageName> {
  audience: string | null
}

/** Whom those of these messages went to that were sent from here. */
export async function findSentTo(db: Queryable, names: OfUser<MessageName>[]): Promise<SentTo[]> {
  const found: SentTo[] = []
  for (const some of chunked(names)) {
    const rows: Pick<MessageRow, 'user_id' | 'id' | 'chat' | 'audience'>[] = await withNames(db, some)
      .whereRaw(SENT_HERE)
      .select('user_id', 'id', 'chat', 'audience')
    found.push(...rows.map(({ user_id: userId, ...rest }) => ({ userId, ...rest })))
  }
  return found
}

/** All messages of a user, in portions. */
export async function* readAllMessages(db: Queryable, userId: string): AsyncGenerator<StoredMessage[]> {
  let after = ['', '']
  for (;;) {
    const rows = await db<MessageRow>('messages')
      .where({ user_id: userId })
      .whereRaw('(id, chat) > (?, ?)', after)
      .orderBy(['id', 'chat'])
      .limit(MESSAGES_AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(messageFromRow)
    after = [last.id, last.chat]
  }
}

/** The newest messages others sent, newest first. */
export async function recentReceived(db: Queryable, userId: string, limit: number): Promise<StoredMessage[]> {
  const rows = await db<MessageRow>('messages')
    .where({ user_id: userId, from_me: false })
    // Written out, so that the index of received messages is used.
    .whereRaw(`status = 'received'`)
    .orderBy('at', 'desc')
    .limit(limit)
  return rows.map(messageFromRow)
}

/** The newest message received since an instant (milliseconds). */
export async function latestReceived(
  db: Queryable,
  userId: string,
  since: number,
): Promise<StoredMessage | undefined> {
  const row = await db<MessageRow>('messages')
    .where({ user_id: userId })
    .whereRaw(`status = 'received'`)
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .first()
  return row && messageFromRow(row)
}

/** The newest messages that others wrote in a chat known under these JIDs, newest first. */
export async function newestReceived(
  db: Queryable,
  { userId, chats, limit }: { userId: string; chats: string[]; limit: number },
): Promise<StoredMessage[]> {
  const rows: MessageRow[] = await ofChats(db, userId, chats)
    .where('from_me', false)
    .orderBy('at', 'desc')
    .limit(limit)
  return rows.map(messageFromRow)
}

/** The newest messages of a chat known under these JIDs, newest first; of one side only when `fromMe` says so. */
export async function newestOfChat(
  db: Queryable,
  query: { userId: string; chats: string[]; fromMe?: boolean; limit: number; offset: number },
): Promise<StoredMessage[]> {
  const { userId, chats, fromMe, limit, offset } = query
  const all = ofChats(db, userId, chats)
  const rows: MessageRow[] = await (fromMe === undefined ? all : all.where('from_me', fromMe))
    .orderBy([{ column: 'at', order: 'desc' }, { column: 'id' }])
    .limit(limit)
    .offset(offset)
  return rows.map(messageFromRow)
}

/** The oldest message of a chat known under these JIDs. */
export async function oldestOfChat(
  db: Queryable,
  userId: string,
  chats: string[],
): Promise<StoredMessage | undefined> {
  const row = await ofChats(db, userId, chats).orderBy('at').first()
  return row && messageFromRow(row)
}

/** When the newest message of a chat known under these JIDs was written, unix milliseconds; 0 = there is none. */
export async function latestOfChat(db: Queryable, userId: string, chats: string[]): Promise<number> {
  const [row]: { latest: number | null }[] = await ofChats(db, userId, chats).select(
    db.max('at').as('latest'),
  )
  return row?.latest ?? 0
}

/** A chat with one person, and when its newest message was written, unix milliseconds. */
export interface ActiveChat {
  chat: string
  lastAt: number
}

/** The chats with people that have messages, the one with the newest first. */
export async function listPersonalChats(db: Queryable, userId: string, limit: number): Promise<ActiveChat[]> {
  const rows: { chat: string; last_at: number }[] = await db('messages')
    .where('user_id', userId)
    .where((isPerson) => isPerson.whereLike('chat', '%@s.whatsapp.net').orWhereLike('chat', '%@lid'))
    .groupBy('chat')
    .select('chat', db.max('at').as('last_at'))
    .orderBy('last_at', 'desc')
    .limit(limit)
  return rows.map(({ chat, last_at: lastAt }) => ({ chat, lastAt }))
}

/**
 * Notes how far messages sent from here got, of any number of users at once. Those that are not stored, or further
 * already, are passed over.
 */
export async function setMessageStatus(
  db: Queryable,
  names: OfUser<MessageName>[],
  { status, at, failure }: Step,
): Promise<void> {
  // The same id may fail again, for another reason.
  const before = [...PROGRESS.slice(0, PROGRESS.indexOf(status)), ...(failure === undefined ? [] : [status])]
  // A receipt may be noted before the ack.
  const isSent = PROGRESS.indexOf(status) > PROGRESS.indexOf('sent')
  const change = {
    status,
    failure: failure ?? null,
    ...(status !== 'pending' && { [`${status}_at`]: at }),
    ...(isSent && { sent_at: db.raw('coalesce(sent_at, ?)', [at]) }),
  }
  for (const some of chunked(names)) {
    await withNames(db, some).whereIn('status', before).update(change)
  }
}

/** Removes up to `limit` messages written before an instant (milliseconds); returns how many. */
export function pruneMessages(db: Queryable, before: number, limit = 1000): Promise<number> {
  const oldest = db('messages')
    .select('user_id', 'id', 'chat')
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
  return db('messages').whereIn(['user_id', 'id', 'chat'], oldest).delete()
}

function ofChats(db: Queryable, userId: string, chats: string[]) {
  return db<MessageRow>('messages').where('user_id', userId).whereIn('chat', chats)
}

function withNames(db: Queryable, names: OfUser<MessageName>[]) {
  return db<MessageRow>('messages').whereIn(
    ['user_id', 'id', 'chat'],
    names.map(({ userId, id, chat }) => [userId, id, chat]),
  )
}

/** The message of a row. */
export function messageFromRow(row: MessageRow): StoredMessage {
  return {
    userId: row.user_id,
    id: row.id,
    chat: row.chat,
    fromMe: Boolean(row.from_me),
    sender: row.sender,
    at: row.at,
    proto: Buffer.from(row.proto, 'base64'),
    status: row.status,
    audience: row.audience,
  }
}

function toRow(message: StoredMessage): MessageRow {
  return {
    user_id: message.userId,
    id: message.id,
    chat: message.chat,
    from_me: message.fromMe,
    sender: message.sender,
    at: message.at,
    proto: Buffer.from(message.proto).toString('base64'),
    status: message.status,
    audience: message.audience ?? null,
  }
}
