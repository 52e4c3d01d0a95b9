import type { Queryable } from '../database/database.ts'

/** A session that should run, or does, and the node that has it. PostgreSQL only. */
export interface OwnedSession {
  userId: string
  name: string
  wanted: boolean
  /** What its owner last said of it; empty when it has said nothing yet. */
  state: string
  /** Id of the owner; absent while nobody has it. */
  node?: string
  /** Grows with every owner. */
  epoch: number
  /** Until when the others leave it to its owner, in the database's unix milliseconds. */
  leaseUntil?: number
}

/** The sessions that run or should, by user. */
export async function listOwnedSessions(db: Queryable): Promise<OwnedSession[]> {
  const rows = await db('users')
    .leftJoin('nodes', 'nodes.id', 'users.owner')
    .where('users.wanted', true)
    .orWhereNotNull('users.owner')
    .orderBy('users.id')
    .select(
      'users.id',
      'users.name',
      'users.wanted',
      'users.session_state',
      'users.owner',
      'users.epoch',
      'nodes.seen_until',
    )
  return rows.map((row) => ({
    userId: row.id,
    name: row.name,
    wanted: row.wanted,
    state: row.session_state,
    epoch: row.epoch,
    ...(row.owner !== null && { node: row.owner }),
    ...(row.seen_until !== null && { leaseUntil: row.seen_until }),
  }))
}

/** How many sessions should run and have no node. */
export async function countUnowned(db: Queryable): Promise<number> {
  const [row] = await db('users').where('wanted', true).whereNull('owner').count({ sessions: '*' })
  return Number(row?.sessions ?? 0)
}
