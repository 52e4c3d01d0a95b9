import type { Knex } from 'knex'
import { acceptedRow, jsonOf } from '../commit/rows.ts'
import { markAccepted, postgresCell, sqliteCell } from '../commit/statements.ts'
import {
  chunked,
  type Database,
  isPostgres,
  lockPresent,
  rawRows,
  type Transaction,
} from '../database/database.ts'
import { type Attempt, insertAttempts } from './attempts.ts'
import { insertDeliveries, type NewDelivery } from './deliveries.ts'

/** What came of an attempt at a delivery. */
interface Outcome {
  /** The delivery. */
  id: string
  /** Attempts made before this one: a delivery with another number was settled, or asked for anew, meanwhile. */
  earlier: number
  /** HTTP status of the last answer, absent when there was none. */
  status?: number
  /** Beginning of the last answer or the reason there was none; kept for `dead` deliveries. */
  answer?: string
  /** How long the request took that was accepted. */
  durationMs?: number
  attempt?: Attempt
}

/** How a delivery ended: accepted, without a target that wants it any more, or given up. */
export interface Finished extends Outcome {
  state: 'delivered' | 'dropped' | 'dead'
  /** The delivery that reports this one; one that was made before is made again. */
  report?: NewDelivery
}

/** A delivery that failed and is tried again; its lane waits with it. */
export interface Postponed extends Outcome {
  lane: string
  dueAt: number
  answer: string
}

/** What came of the work on claimed lanes, to be written at once. */
export interface Settlement {
  finished: Finished[]
  postponed: Postponed[]
  /** Lanes that look empty. */
  closing: string[]
  /** Lanes with more deliveries, given back so that others get a turn. */
  yielded: string[]
  /** Lanes given back for a while: there is no room for what they need. */
  aside: { lane: string; dueAt: number }[]
}

/**
 * Writes a settlement in one transaction and yields the lanes that were really empty and are gone. What was deleted
 * meanwhile, with its user for example, is passed over, and so is what was settled meanwhile: a settlement that may have
 * been committed although nobody heard of it can be written once more.
 */
export function settle(
  db: Database,
  settlement: Settlement,
  claim: { lease: string; now: number },
): Promise<Set<string>> {
  const { finished, postponed } = settlement
  return db.transaction(async (trx) => {
    // A settlement lost with the server's power only repeats deliveries; waiting for the disk would slow each down.
    if (isPostgres(trx)) await trx.raw('set local synchronous_commit = off')
    const possible = await presentReports(
      trx,
      finished.flatMap(({ report }) => report ?? []),
    )
    // The numbers of the deliveries that were still to be ended, by their ids.
    const changed = new Map<string, number>()
    const note = (rows: EndedRow[]) => {
      for (const { id, seq } of rows) changed.set(id, seq)
    }
    const isAccepted = ({ state }: Finished) => state === 'delivered'
    note(await accept(trx, finished.filter(isAccepted), claim.now))
    for (const group of alike(finished.filter((one) => !isAccepted(one))))
      note(await finish(trx, group, claim))
    for (const one of postponed) note(await postpone(trx, one, claim.lease))
    const isChanged = ({ id }: Outcome) => changed.has(id)
    await insertAttempts(
      trx,
      [...finished, ...postponed].flatMap(({ id, attempt }) => {
        const seq = changed.get(id)
        return attempt && seq !== undefined ? [{ ...attempt, seq }] : []
      }),
    )
    const reports = finished.filter(isChanged).flatMap(({ report }) => report ?? [])
    await insertDeliveries(
      trx,
      reports.filter((report) => possible.has(report)),
      claim.now,
      reopen,
    )
    const returned = [
      // One that was asked for anew meanwhile is made at once.
      ...postponed.map((one) => ({ lane: one.lane, dueAt: isChanged(one) ? one.dueAt : claim.now })),
      ...settlement.yielded.map((lane) => ({ lane, dueAt: claim.now })),
      ...settlement.aside,
    ]
    // Sorted like the lanes of a recorder, and before the lanes that are closed, whose locks nobody waits for.
    for (const { lane, dueAt } of returned.sort((a, b) => (a.lane < b.lane ? -1 : 1))) {
      await trx('lanes')
        .where({ lane, lease: claim.lease })
        .update({ due_at: dueAt, set_at: claim.now, lease: null })
    }
    return closeLanes(trx, settlement.closing, claim.lease)
  })
}

interface EndedRow {
  id: string
  seq: number
}

/** Ends deliveries that were accepted; yields those that were still to be ended. What was delivered is, whoever has the lane now. */
async function accept(trx: Transaction, accepted: Finished[], now: number): Promise<EndedRow[]> {
  if (accepted.length === 0) return []
  const [cell, source] = isPostgres(trx)
    ? ([postgresCell, 'from json_array_elements(cast(? as json)) as one (value)'] as const)
    : ([sqliteCell, 'from json_each(?)'] as const)
  return rawRows<EndedRow>(trx, `${markAccepted({ cell, source })} returning deliveries.id, deliveries.seq`, [
    jsonOf(accepted.map((one) => acceptedRow({ ...one, at: now }))) ?? '[]',
  ])
}

/** Ends deliveries that ended alike; yields those that were still to be ended. What becomes of them is for the owner of the lane to say. */
async function finish(
  trx: Transaction,
  group: [Finished, ...Finished[]],
  { lease, now }: { lease: string; now: number },
): Promise<EndedRow[]> {
  const { state, status, answer, earlier } = group[0]
  const ended = {
    state,
    attempt: state === 'dropped' ? earlier : earlier + 1,
    last_status: status ?? null,
    last_answer: answer ?? null,
    finished_at: now,
  }
  const changed: EndedRow[] = []
  for (const ids of chunked(group.map(({ id }) => id))) {
    const rows: EndedRow[] = await trx('deliveries')
      .whereIn('id', ids)
      .where({ state: 'pending', attempt: earlier })
      .whereExists(laneOf(trx, lease))
      .update(ended)
      .returning(['id', 'seq'])
    changed.push(...rows)
  }
  return changed
}

/** Counts an attempt that failed, unless it is counted or the lane has been taken over; tells which. */
function postpone(
  trx: Transaction,
  { id, earlier, status, answer }: Postponed,
  lease: string,
): Promise<EndedRow[]> {
  return trx('deliveries')
    .where({ id, state: 'pending', attempt: earlier })
    .whereExists(laneOf(trx, lease))
    .update({ attempt: earlier + 1, last_status: status ?? null, last_answer: answer })
    .returning(['id', 'seq'])
}

/** The lane of a delivery, if this lease has it. */
function laneOf(trx: Transaction, lease: string): Knex.QueryBuilder {
  return trx('lanes').whereRaw('lanes.lane = deliveries.lane').where('lanes.lease', lease)
}

/** Those of these reports that can be made: their user and their event are there, and stay until the transaction ends. */
async function presentReports(trx: Transaction, reports: NewDelivery[]): Promise<Set<NewDelivery>> {
  if (reports.length === 0) return new Set()
  const users = await lockPresent(
    trx,
    { table: 'users', column: 'id' },
    reports.map(({ userId }) => userId),
  )
  const events = await lockPresent(
    trx,
    { table: 'events', column: 'id' },
    reports.map(({ eventId }) => eventId),
  )
  return new Set(reports.filter(({ userId, eventId }) => users.has(userId) && events.has(eventId)))
}

function reopen(insert: Knex.QueryBuilder): Knex.QueryBuilder {
  return insert.onConflict('id').merge({ state: 'pending', attempt: 0, finished_at: null })
}

/**
 * Removes lanes without a waiting delivery; yields those that are no longer this lease's, whoever removed them. On PostgreSQL the lanes are locked first and looked into by a second
 * statement, which sees what a recorder committed meanwhile; a lane that a recorder holds right now is left alone.
 */
async function closeLanes(trx: Transaction, lanes: string[], lease: string): Promise<Set<string>> {
  const closed = new Set<string>()
  for (const names of chunked(lanes)) {
    const held = trx('lanes').select('lane').whereIn('lane', names).where('lease', lease)
    if (isPostgres(trx)) held.forUpdate().skipLocked()
    const locked = laneNames(await held)
    const deleted = await trx('lanes')
      .whereIn('lane', locked)
      .whereNotExists(
        trx('deliveries').whereRaw(`deliveries.lane = lanes.lane and deliveries.state = 'pending'`),
      )
      .delete()
    const isAll = deleted === names.length
    const left = isAll ? [] : await trx('lanes').select('lane').whereIn('lane', names).where('lease', lease)
    const kept = new Set(laneNames(left))
    for (const lane of names) if (!kept.has(lane)) closed.add(lane)
  }
  return closed
}

function laneNames(rows: { lane: string }[]): string[] {
  return rows.map(({ lane }) => lane)
}

/** Groups of deliveries that ended in the same way, each to be written by one statement. */
function alike(finished: Finished[]): [Finished, ...Finished[]][] {
  const groups = new Map<string, [Finished, ...Finished[]]>()
  for (const one of finished) {
    const key = JSON.stringify([one.state, one.status, one.answer, one.earlier])
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}
