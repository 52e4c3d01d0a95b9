import {
  type Database,
  isAboutMissingRow,
  isPostgres,
  type Queryable,
  type Transaction,
} from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'
import type { Lane } from './deliveries.ts'

/** What is known of a receiver besides its address: see `destinationOf` in `delivery/webhook-profiles.ts` for the names. */
export interface Destination {
  name: string
  /** The user whose receiver it is; absent for those that all users share. */
  userId?: string
  /** Since when nothing is sent, in milliseconds. */
  pausedAt?: number
  /** The receiver fetches its deliveries itself; nothing is sent. */
  isPulled: boolean
  /** The circuit breaker while it is not closed. */
  breaker?: OpenBreaker
}

/** A receiver that failed too often in a row. Until `retryAt` it gets nothing, then one request at a time. */
export interface OpenBreaker {
  /** Failures in a row. */
  failures: number
  /** How often it opened without a success in between. */
  openings: number
  openedAt: number
  retryAt: number
  /** The last answer. */
  status?: number
  answer: string
}

interface DestinationRow {
  name: string
  user_id: string | null
  paused_at: number | null
  pulled: number
  failures: number
  openings: number
  opened_at: number | null
  retry_at: number | null
  last_status: number | null
  last_answer: string | null
}

// Parked lanes are looked at again after this time, so that none is forgotten whatever went wrong.
const PARKED_MS = 3_600_000

const cache = new RowCache<Destination>()
const pulledCache = new RowCache<ReadonlySet<string>>()

/** What is known of a receiver; undefined when there is nothing special about it. */
export function getDestination(db: Queryable, name: string): Promise<Destination | undefined> {
  return cache.get(db, name, async () => {
    const row = await db<DestinationRow>('destinations').where({ name }).first()
    return row && fromRow(row)
  })
}

/** The names of a user's receivers that fetch their deliveries themselves. */
export async function pulledDestinations(db: Queryable, userId: string): Promise<ReadonlySet<string>> {
  const known = await pulledCache.get(db, userId, async () => {
    const rows = await db<DestinationRow>('destinations').where({ user_id: userId, pulled: 1 }).select('name')
    return new Set(rows.map(({ name }) => name))
  })
  return known ?? new Set()
}

/** All receivers about which there is something to know, or those of one user. */
export async function listDestinations(db: Queryable, userId?: string): Promise<Destination[]> {
  const own = userId === undefined ? {} : { user_id: userId }
  const rows = await db<DestinationRow>('destinations').where(own).orderBy('name')
  return rows.map(fromRow)
}

/** Whether a receiver gets nothing now. */
export function isHeld(destination: Destination | undefined, now: number): boolean {
  if (!destination) return false
  const { pausedAt, isPulled, breaker } = destination
  return pausedAt !== undefined || isPulled || (breaker !== undefined && breaker.retryAt > now)
}

/** Sets those of the lanes aside whose receivers get nothing now, and yields their names. */
export async function parkHeldLanes(db: Database, lanes: Lane[], now: number): Promise<Set<string>> {
  const names = [...new Set(lanes.map(({ destination }) => destination))]
  const known = await db<DestinationRow>('destinations').whereIn('name', names)
  if (!known.some((row) => isHeld(fromRow(row), now))) return new Set()
  return db.transaction(async (trx) => {
    const held = new Map<string, number>()
    const query = trx<DestinationRow>('destinations').whereIn('name', names).orderBy('name')
    // Whoever resumes a receiver changes its row first and frees its lanes then: none is parked in between.
    if (isPostgres(trx)) query.forShare()
    for (const row of await query) {
      const destination = fromRow(row)
      if (isHeld(destination, now)) held.set(destination.name, heldUntil(destination, now))
    }
    const parked = new Set<string>()
    for (const [destination, until] of held) {
      const own = lanes.filter((lane) => lane.destination === destination).map(({ lane }) => lane)
      const due = trx('lanes').select('lane').whereIn('lane', own).where('due_at', '<=', now)
      if (isPostgres(trx)) due.forUpdate().skipLocked()
      await trx('lanes').whereIn('lane', due).update({ due_at: until, set_at: now, lease: null, parked: 1 })
      for (const lane of own) parked.add(lane)
    }
    return parked
  })
}

function heldUntil({ pausedAt, isPulled, breaker }: Destination, now: number): number {
  return pausedAt === undefined && !isPulled && breaker ? breaker.retryAt : now + PARKED_MS
}

/**
 * Changes a receiver and, unless its breaker opens, makes the lanes due that were set aside because of it. The receiver
 * of a user that was deleted meanwhile is passed over.
 */
export async function changeDestination(
  db: Database,
  { name, userId }: { name: string; userId?: string },
  patch: { pausedAt?: number | null; isPulled?: boolean; breaker?: OpenBreaker | null },
  now = Date.now(),
): Promise<void> {
  const columns = { ...toColumns(patch), user_id: userId ?? null, ...(patch.breaker && { set_at: now }) }
  await db
    .transaction(async (trx) => {
      await trx('destinations')
        .insert({ name, ...columns })
        .onConflict('name')
        .merge(columns)
      if (!patch.breaker) await freeLanes(trx, { destination: name, parked: 1 }, now)
    })
    .catch((error: unknown) => {
      if (!isAboutMissingRow(error)) throw error
    })
    .finally(() => {
      cache.forget(db, name)
      if (userId !== undefined) pulledCache.forget(db, userId)
    })
}

/** Must be called after destinations were changed elsewhere. */
export function forgetDestinations(db: Queryable): void {
  cache.forget(db)
}

/** Closes the circuit breakers of a user's own receivers: what was wrong with them has been changed. */
export async function closeBreakers(db: Queryable, userId: string, now = Date.now()): Promise<void> {
  const closed = await db('destinations')
    .where('user_id', userId)
    .whereNotNull('retry_at')
    .update(toColumns({ breaker: null }))
  if (closed === 0) return
  await freeLanes(db, { user_id: userId, parked: 1 }, now)
  cache.forget(db)
}

/** Makes all waiting deliveries of a receiver due, also those whose turn is later. */
export function hastenDestination(db: Database, destination: string, now = Date.now()): Promise<void> {
  return freeLanes(db, { destination }, now)
}

/** The number of waiting deliveries of each receiver that has some: of one receiver, or one user, or all. */
export async function countWaiting(
  db: Queryable,
  { destination, userId }: { destination?: string; userId?: string } = {},
): Promise<Map<string, number>> {
  const rows: { destination: string; total: number | string }[] = await db('lanes')
    .join('deliveries', 'deliveries.lane', 'lanes.lane')
    .whereRaw(`deliveries.state = 'pending'`)
    .where({
      ...(destination !== undefined && { 'lanes.destination': destination }),
      ...(userId !== undefined && { 'lanes.user_id': userId }),
    })
    .select('lanes.destination')
    .groupBy('lanes.destination')
    .count({ total: '*' })
  return new Map(rows.map((row) => [row.destination, Number(row.total)]))
}

async function freeLanes(
  db: Queryable | Transaction,
  which: { destination?: string; user_id?: string; parked?: 1 },
  now: number,
): Promise<void> {
  const held = db('lanes').select('lane').where(which).whereNull('lease').orderBy('lane')
  // The order in which recorders lock lanes.
  if (isPostgres(db)) held.forUpdate()
  await db('lanes').whereIn('lane', held).update({ due_at: now, set_at: now, parked: 0 })
}

function toColumns(patch: {
  pausedAt?: number | null
  isPulled?: boolean
  breaker?: OpenBreaker | null
}): Partial<DestinationRow> {
  const { pausedAt, isPulled, breaker } = patch
  return {
    ...(pausedAt !== undefined && { paused_at: pausedAt }),
    ...(isPulled !== undefined && { pulled: isPulled ? 1 : 0 }),
    ...(breaker !== undefined && {
      failures: breaker?.failures ?? 0,
      openings: breaker?.openings ?? 0,
      opened_at: breaker?.openedAt ?? null,
      retry_at: breaker?.retryAt ?? null,
      last_status: breaker?.status ?? null,
      last_answer: breaker?.answer ?? null,
    }),
  }
}

function fromRow(row: DestinationRow): Destination {
  return {
    name: row.name,
    userId: row.user_id ?? undefined,
    pausedAt: row.paused_at ?? undefined,
    isPulled: row.pulled === 1,
    breaker:
      row.retry_at === null
        ? undefined
        : {
            failures: row.failures,
            openings: row.openings,
            openedAt: row.opened_at ?? row.retry_at,
            retryAt: row.retry_at,
            status: row.last_status ?? undefined,
            answer: row.last_answer ?? '',
          },
  }
}
