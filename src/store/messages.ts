import type { Queryable } from './database.ts'

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
  /** How far it got: `received`, or for own messages `pending`, `sent`, `delivered`, `read`, `failed`. */
  status: string
}

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

/** Stores a message, or replaces what was stored under the same user, chat and id. */
export async function keepMessage(db: Queryable, message: StoredMessage): Promise<void> {
  await db('messages').insert(toRow(message)).onConflict(['user_id', 'id', 'chat']).merge()
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

/** Notes how far own messages got; false when none is stored under these ids. */
export async function setMessageStatus(
  db: Queryable,
  key: { userId: string; ids: string[] },
  status: string,
): Promise<boolean> {
  const changed = await db('messages').where('user_id', key.userId).whereIn('id', key.ids).update({ status })
  return changed > 0
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
