import type { Queryable } from '../database/database.ts'
import { type NoteRow, noteOfRow, type SessionNote } from './session-events.ts'

/** A user, and what happened to its connection last. */
export interface UserFacts {
  id: string
  name: string
  jid: string
  /** Whether the session should run. */
  wanted: boolean
  last?: SessionNote
}

/** Of all users, oldest first, or of one. */
export async function userFacts(db: Queryable, userId?: string): Promise<UserFacts[]> {
  const newest = db('session_events as newest')
    .select('newest.id')
    .whereRaw('newest.user_id = users.id')
    .orderBy([
      { column: 'newest.at', order: 'desc' },
      { column: 'newest.since', order: 'desc' },
    ])
    .limit(1)
  const query = db('users')
    // One look into an index for each user, however many notes there are.
    .leftJoin('session_events as last', (on) => on.on('last.id', db.raw(`(${newest.toQuery()})`)))
    .whereNull('users.removed_at')
    .orderBy(['users.created_at', 'users.id'])
    .select(
      ...['id as user', 'name', 'jid', 'wanted'].map((column) => `users.${column}`),
      ...['kind', 'code', 'params', 'node', 'times', 'since', 'at'].map((column) => `last.${column}`),
    )
  if (userId !== undefined) query.where('users.id', userId)
  const rows: (NoteRow & { user: string; name: string; jid: string; wanted: boolean | 0 | 1 })[] = await query
  return rows.map((row) => ({
    id: row.user,
    name: row.name,
    jid: row.jid,
    wanted: Boolean(row.wanted),
    ...(row.kind !== null && { last: noteOfRow(row) }),
  }))
}

/** A webhook with an address. */
export interface WebhookFacts {
  id: string
  userId: string
  url: string
  isActive: boolean
}

/** Of all users, or of one. */
export async function webhookFacts(db: Queryable, userId?: string): Promise<WebhookFacts[]> {
  const query = db('webhooks').whereNot('url', '').orderBy(['created_at', 'id'])
  if (userId !== undefined) query.where('user_id', userId)
  const rows = await query.select('id', 'user_id', 'url', 'is_active')
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    url: row.url,
    isActive: row.is_active === 1,
  }))
}

/** A delivery that failed and that all later ones of its chat wait for. */
export interface StuckDelivery {
  destination: string
  /** Attempts that failed. */
  attempts: number
  /** When it was recorded, unix milliseconds. */
  since: number
  status?: number
  answer: string
}

/** Those that were attempted `least` times or more, the newest first; of all users or of one, at most `limit`. */
export async function stuckDeliveries(
  db: Queryable,
  { userId, least, limit }: { userId?: string; least: number; limit: number },
): Promise<StuckDelivery[]> {
  const first = `(select min(head.seq) from deliveries as head where head.lane = lanes.lane and head.state = 'pending')`
  const query = db('lanes')
    .join('deliveries', (on) => on.on('deliveries.seq', db.raw(first)))
    .where('deliveries.attempt', '>=', least)
    .orderBy('deliveries.seq', 'desc')
    .limit(limit)
    .select(
      'lanes.destination',
      'deliveries.attempt',
      'deliveries.created_at',
      'deliveries.last_status',
      'deliveries.last_answer',
    )
  if (userId !== undefined) query.where('lanes.user_id', userId)
  const rows: {
    destination: string
    attempt: number
    created_at: number
    last_status: number | null
    last_answer: string | null
  }[] = await query
  return rows.map((row) => ({
    destination: row.destination,
    attempts: row.attempt,
    since: row.created_at,
    ...(row.last_status !== null && { status: row.last_status }),
    answer: row.last_answer ?? '',
  }))
}

/** Deliveries of a user to one target that were given up. */
export interface DeadCount {
  userId: string
  target: string
  deliveries: number
}

/** Counts those that were given up since an instant (milliseconds), of all users or of one. */
export async function deadDeliveries(
  db: Queryable,
  { since, userId }: { since: number; userId?: string },
): Promise<DeadCount[]> {
  const query = db('deliveries').where('state', 'dead').where('finished_at', '>=', since)
  if (userId !== undefined) query.where('user_id', userId)
  const rows: { user_id: string; target: string; deliveries: number | string }[] = await query
    .groupBy('user_id', 'target')
    .select('user_id', 'target')
    .count({ deliveries: '*' })
  return rows.map((row) => ({
    userId: row.user_id,
    target: row.target,
    deliveries: Number(row.deliveries),
  }))
}
