import type { Knex } from 'knex'
import { newId } from '../../lib/ids.ts'
import type { Accepted } from '../commit/change.ts'
import {
  chunked,
  type Database,
  insertChunked,
  isPostgres,
  type Queryable,
  rawRows,
  type Transaction,
} from '../database/database.ts'
import { storable } from '../database/storable.ts'

/** One event on its way to one target. */
export interface NewDelivery {
  /** Stays the same over all attempts; receivers recognise repetitions by it. */
  id: string
  eventId: string
  userId: string
  /** Which receiver, see `delivery/targets.ts`. */
  target: string
  /** Which of the several things that are told of the event; '' or absent where it is told once. */
  part?: string
  /** Deliveries of one lane are made one after the other, in order: one target and one chat. */
  lane: string
  /** What limits count by: everything that ends at one receiver. */
  destination: string
}

/** A delivery that waits, with the event it carries. */
export interface PendingDelivery {
  /** Its number; absent until it is read from the database. */
  seq?: number
  id: string
  eventId: string
  userId: string
  target: string
  /** Which of the several things that are told of the event; '' where it is told once. */
  part: string
  lane: string
  /** Attempts made so far. */
  attempt: number
  /** The event as JSON text. */
  payload: string
  /** When the event was stored, in milliseconds. */
  at: number
  /** Set while it is being recorded. */
  recording?: DeliveryRecording
}

/** How a delivery stands that is made while it is being recorded. */
export interface DeliveryRecording {
  /** Resolves when it is stored, or will not be, and tells which. */
  stored: Promise<boolean>
  /** It will not be stored. */
  readonly isLost: boolean
  /** Says that it was accepted; false when it is too late to store it so. */
  accept(accepted: Accepted): boolean
  /** Must be called when its attempt has ended, however it did. */
  answered(): void
}

/** A claimed lane. */
export interface Lane {
  lane: string
  destination: string
}

/** How many deliveries of a lane are read at once. */
// One statement reads several lanes as a compound SELECT; SQLite allows 500 terms and 32,766 parameters.
export const DELIVERIES_PER_READ = 10

/**
 * Stores deliveries in order and opens their lanes. A lane that exists is locked until the commit, even though
 * nothing in it changes: the outbox must not close it without having seen these deliveries.
 */
export async function insertDeliveries(
  trx: Transaction,
  deliveries: NewDelivery[],
  now: number,
  refine?: (insert: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<void> {
  const rows = deliveries.map((delivery) => ({
    id: delivery.id,
    event_id: delivery.eventId,
    user_id: delivery.userId,
    target: delivery.target,
    part: delivery.part ?? '',
    lane: delivery.lane,
    state: 'pending',
    created_at: now,
  }))
  await insertChunked(trx, 'deliveries', rows, refine)

  const lanes = lanesOf(deliveries).map(({ lane, userId, destination }) => ({
    lane,
    user_id: userId,
    destination,
    due_at: now,
    set_at: now,
  }))
  await insertChunked(trx, 'lanes', lanes, (insert) => insert.onConflict('lane').merge(['destination']))
}

/**
 * The last delivery of each lane. Sorted by lane, so that two transactions that open the same lanes lock them in the same
 * order.
 */
export function lanesOf<Delivery extends NewDelivery>(deliveries: Delivery[]): Delivery[] {
  const lanes = new Map(deliveries.map((delivery) => [storable(delivery.lane), delivery]))
  return [...lanes.values()].sort((a, b) => (a.lane < b.lane ? -1 : 1))
}

/**
 * The lanes that are due, longest waiting first, except those of the given destinations; of one destination only, of these
 * users, or of all others.
 */
export function dueLanes(
  db: Queryable,
  query: {
    now: number
    limit: number
    except: string[]
    only?: string
    users?: string[]
    exceptUsers?: string[]
  },
): Promise<Lane[]> {
  const due = db('lanes')
    .select('lane', 'destination')
    .where('due_at', '<=', query.now)
    .whereNotIn('destination', query.except)
    .orderBy('due_at')
    .limit(query.limit)
  if (query.only !== undefined) due.where('destination', query.only)
  if (query.users) due.whereIn('user_id', query.users)
  if (query.exceptUsers) due.whereNotIn('user_id', query.exceptUsers)
  return due
}

/**
 * Takes lanes for this outbox until `until`, and yields those it got. The pushed-forward due time is the lease:
 * the lanes of a process that dies come back by themselves.
 */
export function claimLanes(
  db: Queryable,
  lanes: string[],
  claim: { lease: string; now: number; until: number },
): Promise<Lane[]> {
  const free = db('lanes').select('lane').whereIn('lane', lanes).where('due_at', '<=', claim.now)
  if (isPostgres(db)) free.forUpdate().skipLocked()
  return db('lanes')
    .whereIn('lane', free)
    .update({ due_at: claim.until, set_at: claim.now, lease: claim.lease, parked: 0 })
    .returning(['lane', 'destination'])
}

/** Extends the lease on lanes that are still being worked on. */
export async function renewLanes(
  db: Queryable,
  lanes: string[],
  claim: { lease: string; now: number; until: number },
): Promise<void> {
  for (const names of chunked(lanes)) {
    const held = db('lanes').select('lane').whereIn('lane', names).where('lease', claim.lease)
    // Waiting for a lane that a recorder has locked could end in a deadlock with the next lane it locks.
    if (isPostgres(db)) held.forUpdate().skipLocked()
    await db('lanes').whereIn('lane', held).update({ due_at: claim.until, set_at: claim.now })
  }
}

/** Gives back the lanes of a lease, so that they are due at once. */
export async function releaseLanes(db: Queryable, lease: string, now: number): Promise<void> {
  const held = db('lanes').select('lane').where('lease', lease).orderBy('lane')
  // The order in which recorders lock lanes.
  if (isPostgres(db)) held.forUpdate()
  await db('lanes').whereIn('lane', held).update({ due_at: now, set_at: now, lease: null })
}

/** A lease for an outbox of this node; the next process of the node knows by it what it inherits. */
export function newLaneLease(nodeId: string): string {
  return `${leasePrefix(nodeId)}${newId()}`
}

/** A lane that a former process of a node had, and until when. */
export interface InheritedLane {
  lane: string
  due_at: number
}

/**
 * Makes the lanes due whose outbox died with its process, where no other process can be at work (SQLite). Elsewhere yields
 * those that a process of this node had, for `releaseInherited`.
 */
export async function recoverLanes(db: Database, nodeId: string, now: number): Promise<InheritedLane[]> {
  if (isPostgres(db))
    return db('lanes')
      .select('lane', 'due_at')
      .where('due_at', '>', now)
      .whereRaw('starts_with(lease, ?)', leasePrefix(nodeId))
  await db('lanes').whereNotNull('lease').update({ due_at: now, set_at: now, lease: null })
  return []
}

/** Makes those of the lanes due whose leases nobody has renewed since. */
export async function releaseInherited(db: Queryable, lanes: InheritedLane[], now: number): Promise<void> {
  for (const some of chunked(lanes)) {
    const left = db('lanes')
      .select('lane')
      .whereIn(
        ['lane', 'due_at'],
        some.map(({ lane, due_at }) => [lane, due_at]),
      )
      // The order in which recorders lock lanes.
      .orderBy('lane')
      .forUpdate()
    await db('lanes').whereIn('lane', left).update({ due_at: now, set_at: now, lease: null })
  }
}

function leasePrefix(nodeId: string): string {
  return `${nodeId}/`
}

/** The first few waiting deliveries of each lane, in order. */
export function nextDeliveries(db: Queryable, lanes: string[]): Promise<PendingDelivery[]> {
  return laneHeads(db, lanes, DELIVERIES_PER_READ)
}

/** The first `limit` waiting deliveries of each lane, in order. */
export async function laneHeads(db: Queryable, lanes: string[], limit: number): Promise<PendingDelivery[]> {
  const found: PendingRow[] = []
  for (const names of chunked(lanes)) {
    const perLane = names.map(
      () => `
        select * from (
          select deliveries.seq, deliveries.id, deliveries.event_id, deliveries.user_id, deliveries.target,
                 deliveries.part, deliveries.lane, deliveries.attempt
            from deliveries
           where deliveries.lane = ? and deliveries.state = 'pending'
           order by deliveries.seq
           limit ${limit}
        ) as head`,
    )
    const rows = await rawRows<PendingRow>(
      db,
      `select heads.*, events.payload, events.at
         from (${perLane.join(' union all ')}) as heads
         join events on events.id = heads.event_id
        order by heads.seq`,
      names,
    )
    found.push(...rows)
  }
  return found.sort((a, b) => a.seq - b.seq).map(fromRow)
}

/** How many deliveries wait, and how many were given up. */
export async function countDeliveries(db: Queryable): Promise<{ pending: number; dead: number }> {
  const rows: { state: string; total: number | string }[] = await db('deliveries')
    .select('state')
    .whereIn('state', ['pending', 'dead'])
    .groupBy('state')
    .count({ total: '*' })
  const total = (state: string) => Number(rows.find((row) => row.state === state)?.total ?? 0)
  return { pending: total('pending'), dead: total('dead') }
}

/** Removes up to `limit` deliveries that were given up before an instant (milliseconds); returns how many. */
export function pruneDead(db: Queryable, before: number, limit = 500): Promise<number> {
  const old = db('deliveries')
    .select('seq')
    .where('state', 'dead')
    .where('finished_at', '<', before)
    .limit(limit)
  return db('deliveries').whereIn('seq', old).delete()
}

interface PendingRow {
  seq: number
  id: string
  event_id: string
  user_id: string
  target: string
  part: string
  lane: string
  attempt: number
  payload: string
  at: number
}

function fromRow(row: PendingRow): PendingDelivery {
  return {
    seq: row.seq,
    id: row.id,
    eventId: row.event_id,
    userId: row.user_id,
    target: row.target,
    part: row.part,
    lane: row.lane,
    attempt: row.attempt,
    payload: row.payload,
    at: row.at,
  }
}
