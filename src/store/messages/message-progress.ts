import type { MessageName, OfUser } from '../../lib/message-ref.ts'
import type { Queryable } from '../database/database.ts'

/** A message sent from here and how far it got; instants are unix milliseconds, null until the step is known. */
export interface MessageProgress extends OfUser<MessageName> {
  status: string
  /** Why it failed, a sentence. */
  failure: string | null
  acceptedAt: number
  sentAt: number | null
  deliveredAt: number | null
  readAt: number | null
  playedAt: number | null
  failedAt: number | null
}

/** Which sent messages to tell of. */
export interface ProgressFilter {
  userId: string
  /** One of `Progress`. */
  status?: string
  /** Only messages accepted before this instant, in milliseconds. */
  before?: number
  limit: number
}

interface ProgressRow {
  id: string
  user_id: string
  chat: string
  status: string
  failure: string | null
  at: number
  sent_at: number | null
  delivered_at: number | null
  read_at: number | null
  played_at: number | null
  failed_at: number | null
}

const COLUMNS = [
  'id',
  'user_id',
  'chat',
  'status',
  'failure',
  'at',
  'sent_at',
  'delivered_at',
  'read_at',
  'played_at',
  'failed_at',
] as const satisfies (keyof ProgressRow)[]

/** How far the message with this id got; of several with the same id, in different chats, the newest unless one is named. */
export async function findProgress(
  db: Queryable,
  { userId, id, chat }: { userId: string; id: string; chat?: string },
): Promise<MessageProgress | undefined> {
  const query = db('messages')
    .where({ user_id: userId, id, from_me: true })
    .whereNot('status', 'received')
    .orderBy('at', 'desc')
  const row: ProgressRow | undefined = await (chat === undefined ? query : query.where({ chat })).first(
    COLUMNS,
  )
  return row && fromRow(row)
}

/** The messages a user has sent through this server, newest first. */
export async function listProgress(
  db: Queryable,
  { userId, status, before, limit }: ProgressFilter,
): Promise<MessageProgress[]> {
  const query = db('messages')
    .where({ user_id: userId, from_me: true })
    .whereNot('status', 'received')
    .orderBy([{ column: 'at', order: 'desc' }, { column: 'id' }])
    .limit(limit)
  if (status !== undefined) query.where('status', status)
  if (before !== undefined) query.where('at', '<', before)
  const rows: ProgressRow[] = await query.select(COLUMNS)
  return rows.map(fromRow)
}

function fromRow(row: ProgressRow): MessageProgress {
  return {
    id: row.id,
    userId: row.user_id,
    chat: row.chat,
    status: row.status,
    failure: row.failure,
    acceptedAt: row.at,
    sentAt: row.sent_at,
    deliveredAt: row.delivered_at,
    readAt: row.read_at,
    playedAt: row.played_at,
    failedAt: row.failed_at,
  }
}
