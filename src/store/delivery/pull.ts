import { type Database, isPostgres, type Queryable, type Transaction } from '../database/database.ts'
import { laneHeads, type PendingDelivery } from './deliveries.ts'

/** A lease on the lanes of a receiver that fetches its deliveries itself. */
export interface PullLease {
  /** See `destinationOf` in `delivery/webhook-profiles.ts`. */
  destination: string
  lease: string
  now: number
  until: number
}

/**
 * Leases the chats with the receiver's oldest deliveries that nobody else has leased, and yields up to `limit` of these
 * deliveries, oldest first: of each chat the first ones. They are to be confirmed with `handOut`.
 */
export function leaseDeliveries(
  db: Database,
  given: PullLease & { limit: number },
): Promise<PendingDelivery[]> {
  const { destination, lease, now, until, limit } = given
  return db.transaction(async (trx) => {
    const oldest = trx('deliveries')
      .join('lanes', 'lanes.lane', 'deliveries.lane')
      .where('lanes.destination', destination)
      .whereRaw(`deliveries.state = 'pending'`)
      .where((free) => free.whereNull('lanes.lease').orWhere('lanes.due_at', '<=', now))
      .orderBy('deliveries.seq')
      .limit(limit)
      .select('deliveries.lane')
    const names = laneNames(await oldest)
    const free = trx('lanes')
      .select('lane')
      .whereIn('lane', names)
      .where((one) => one.whereNull('lease').orWhere('due_at', '<=', now))
    if (isPostgres(trx)) free.forUpdate().skipLocked()
    const leased: { lane: string }[] = await trx('lanes')
      .whereIn('lane', free)
      .update({ lease, due_at: until, set_at: now, parked: 0, leased_to: null })
      .returning('lane')
    return (await laneHeads(trx, laneNames(leased), limit)).slice(0, limit)
  })
}

/**
 * Notes which of the leased deliveries were handed out, ends those nobody wants, and gives back the chats of which
 * nothing was handed out.
 */
export function handOut(
  db: Database,
  { lease, now }: PullLease,
  given: { handed: PendingDelivery[]; ended: { id: string; state: 'dropped' | 'dead'; answer?: string }[] },
): Promise<void> {
  return db.transaction(async (trx) => {
    for (const { id, state, answer } of given.ended) {
      await trx('deliveries')
        .where({ id, state: 'pending' })
        .update({ state, last_answer: answer ?? null, finished_at: now })
    }
    // All of them were read from the database and have numbers.
    const lastOf = new Map(given.handed.map(({ lane, seq = 0 }) => [lane, seq]))
    const ids = given.handed.map(({ id }) => id)
    await trx('deliveries').whereIn('id', ids).increment('attempt', 1)
    for (const [lane, seq] of [...lastOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await trx('lanes').where({ lane, lease }).update({ leased_to: seq })
    }
    const idle = laneNames(await locked(trx, trx('lanes').where({ lease }).whereNull('leased_to')))
    for (const lane of idle) await leave(trx, lane, now)
  })
}

/** What became of an acknowledgement. */
export interface Acknowledged {
  acknowledged: string[]
  /** Unknown ids, and those with an unacknowledged delivery of the same chat before them. */
  refused: string[]
}

/** Ends deliveries of a user that its receiver has taken; those that have ended already stay as they are. */
export function acknowledge(
  db: Database,
  given: { userId: string; target: string; ids: string[]; now: number },
): Promise<Acknowledged> {
  const { userId, target, ids, now } = given
  return db.transaction(async (trx) => {
    const rows: { id: string; lane: string; state: string }[] = await trx('deliveries')
      .select('id', 'lane', 'state')
      .where({ user_id: userId, target })
      .whereIn('id', ids)
    const lanes = [...new Set(rows.filter(({ state }) => state === 'pending').map(({ lane }) => lane))].sort()
    await locked(trx, trx('lanes').whereIn('lane', lanes))
    const acknowledged = new Set(rows.filter(({ state }) => state !== 'pending').map(({ id }) => id))
    for (const lane of lanes) {
      const taken = await takeFirst(trx, lane, new Set(ids))
      await trx('deliveries')
        .whereIn('id', taken)
        .update({ state: 'delivered', finished_at: now, last_answer: null })
      for (const id of taken) acknowledged.add(id)
      await leave(trx, lane, now)
    }
    return {
      acknowledged: ids.filter((id) => acknowledged.has(id)),
      refused: ids.filter((id) => !acknowledged.has(id)),
    }
  })
}

/** The waiting deliveries at the beginning of a lane that are among the given ones. */
async function takeFirst(trx: Transaction, lane: string, ids: Set<string>): Promise<string[]> {
  const waiting: { id: string }[] = await trx('deliveries')
    .select('id')
    .where({ lane })
    .whereRaw(`state = 'pending'`)
    .orderBy('seq')
    .limit(ids.size)
  const end = waiting.findIndex(({ id }) => !ids.has(id))
  return waiting.slice(0, end === -1 ? waiting.length : end).map(({ id }) => id)
}

/** Ends the lease of a lane all of whose leased deliveries have ended, and closes it when it is empty. */
async function leave(trx: Transaction, lane: string, now: number): Promise<void> {
  const row: { leased_to: number | null } | undefined = await trx('lanes').where({ lane }).first('leased_to')
  const next: { seq: number } | undefined = await trx('deliveries')
    .where({ lane })
    .whereRaw(`state = 'pending'`)
    .orderBy('seq')
    .first('seq')
  if (!next) await trx('lanes').where({ lane }).delete()
  else if (next.seq > (row?.leased_to ?? 0)) {
    // Due, so that the outbox sets it aside or, if it is no longer pulled, works on it.
    await trx('lanes').where({ lane }).update({ lease: null, leased_to: null, due_at: now, set_at: now })
  }
}

function locked(trx: Queryable, query: ReturnType<Transaction>): Promise<{ lane: string }[]> {
  query.select('lane').orderBy('lane')
  // The order in which recorders lock lanes; a lane may only be closed while nobody can record into it.
  if (isPostgres(trx)) query.forUpdate()
  return Promise.resolve(query)
}

function laneNames(rows: { lane: string }[]): string[] {
  return [...new Set(rows.map(({ lane }) => lane))]
}
