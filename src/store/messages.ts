import { chunked, insertChunked, type Queryable } from './database.ts'

/** A message as it was sent or received. */
export interface StoredMessage {
  userId: string
  /** WhatsApp's message id. */
  id: string
  /** JID of the chat it belongs to. */
  chat: string
  fromMe: boolean
  /** JID of its author. */
  sender: string
  /** When it was written, in milliseconds. */
  at: number
  /** The encoded `proto.Message`. */
  proto: Uint8Array
  /** How far it got: `received`, or for messages sent from here a `Progress`. */
  status: string
}

/** How far a message sent from here can get, in this order; a receipt also tells of a message that seemed to fail. */
const PROGRESS = ['pending', 'failed', 'sent', 'delivered', 'read', 'played'] as const
export type Progress = (typeof PROGRESS)[number]

interface MessageRow {
  user_id: string
  id: string
  chat: string
  from_me: boolean | 0 | 1
  sender: string
  at: number
  proto: string
  status: string
}

/** One step of a sent message. */
export interface Step {
  status: Progress
  /** When it was noticed, unix milliseconds. */
  at: number
  /** Why it failed, a sentence. */
  failure?: string
}

/**
 * Stores messages, or replaces what was stored under the same user, chat and id: sending an id again is the same message,
 * which keeps its time and how far it got.
 */
export function keepMessages(db: Queryable, messages: StoredMessage[]): Promise<void> {
  // Of two with the same key the later counts; one statement must not write a row twice.
  const latest = new Map(
    messages.map((message) => [`${message.userId}/${message.id}/${message.chat}`, message]),
  )
  return insertChunked(db, 'messages', [...latest.values()].map(toRow), (insert) =>
    insert.onConflict(['user_id', 'id', 'chat']).merge(['from_me', 'sender', 'proto']),
  )
}

/** Stores received messages. One whose id is taken changes nothing: whoever writes to us chooses the ids. */
export function keepReceivedMessages(db: Queryable, messages: StoredMessage[]): Promise<void> {
  return insertChunked(db, 'messages', messages.map(toRow), (insert) =>
    insert.onConflict(['user_id', 'id', 'chat']).ignore(),
  )
}

/** The message with this id; `chat` narrows it down, as ids are unique per author only. */
export async function findMessage(
  db: Queryable,
  key: { userId: string; id: string; chat?: string },
): Promise<StoredMessage | undefined> {
  const query = db<MessageRow>('messages').where({ user_id: key.userId, id: key.id }).orderBy('at', 'desc')
  const row = await (key.chat === undefined ? query : query.where('chat', key.chat)).first()
  return row && fromRow(row)
}

/** The messages with these ids, of any number of users. */
export async function findMessages(
  db: Queryable,
  keys: { userId: string; id: string }[],
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = []
  for (const some of chunked(keys)) {
    const rows: MessageRow[] = await withKeys(db, some).orderBy('at')
    messages.push(...rows.map(fromRow))
  }
  return messages
}

/** The newest message received since an instant (milliseconds). */
export async function latestReceived(
  db: Queryable,
  userId: string,
  since: number,
): Promise<StoredMessage | undefined> {
  const row = await db<MessageRow>('messages')
    .where({ user_id: userId, status: 'received' })
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .first()
  return row && fromRow(row)
}

/**
 * Notes how far messages sent from here got, of any number of users at once. Those that are not stored, or further
 * already, are passed over.
 */
export async function setMessageStatus(
  db: Queryable,
  keys: { userId: string; id: string }[],
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
  for (const some of chunked(keys)) await withKeys(db, some).whereIn('status', before).update(change)
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

function withKeys(db: Queryable, keys: { userId: string; id: string }[]) {
  return db<MessageRow>('messages').whereIn(
    ['user_id', 'id'],
    keys.map(({ userId, id }) => [userId, id]),
  )
}

function fromRow(row: MessageRow): StoredMessage {
  return {
    userId: row.user_id,
    id: row.id,
    chat: row.chat,
    fromMe: Boolean(row.from_me),
    sender: row.sender,
    at: row.at,
    proto: Buffer.from(row.proto, 'base64'),
    status: row.status,
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
  }
}
