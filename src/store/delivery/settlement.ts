import type { Knex } from 'knex'
import { chunked, type Database, isPostgres, lockPresent, type Transaction } from '../database/database.ts'
import { type Attempt, insertAttempts } from './attempts.ts'
import { insertDeliveries, type NewDelivery } from './deliveries.ts'

/** How a delivery ended: accepted, without a target that wants it any more, or given up. */
export interface Finished {
  seq: number
  state: 'delivered' | 'dropped' | 'dead'
  /** HTTP status of the last answer, absent when there was none. */
  status?: number
  /** Beginning of the last answer or the reason there was none; kept for `dead` deliveries. */
  answer?: string
  attempt?: Attempt
}

/** A delivery that failed and is tried again; its lane waits with it. */
export interface Postponed {
  seq: number
  lane: string
  dueAt: number
  status?: number
  answer: string
  attempt?: Attempt
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
  /** Deliveries that report those that were given up; one that was made before is made again. */
  reports: NewDelivery[]
}

/**
 * Writes a settlement in one transaction and yields the lanes that were really empty and are gone. What was deleted
 * meanwhile, with its user for example, is passed over.
 */
export function settle(
  db: Database,
  settlement: Settlement,
  claim: { lease: string; now: number },
): Promise<Set<string>> {
  return db.transaction(async (trx) => {
    // A settlement lost with the server's power only repeats deliveries; waiting for the disk would slow each down.
    if (isPostgres(trx)) await trx.raw('set local synchronous_commit = off')
    const reports = await presentReports(trx, settlement.reports)
    const attempts = [...settlement.finished, ...settlement.postponed].flatMap(attempted)
    const present = await lockPresent(
      trx,
      { table: 'deliveries', column: 'seq' },
      attempts.map(({ seq }) => seq),
    )
    for (const group of alike(settlement.finished)) {
      const { state, status, answer } = group[0]
      const seqs = group.map(({ seq }) => seq)
      for (const chunk of chunked(seqs)) {
        await trx('deliveries')
          .whereIn('seq', chunk)
          .update({ state, last_status: status ?? null, last_answer: answer ?? null, finished_at: claim.now })
          .increment('attempt', state === 'dropped' ? 0 : 1)
      }
    }
    for (const { seq, status, answer } of settlement.postponed) {
      await trx('deliveries')
        .where('seq', seq)
        .update({ last_status: status ?? null, last_answer: answer })
        .increment('attempt', 1)
    }
    await insertAttempts(
      trx,
      attempts.filter(({ seq }) => present.has(seq)),
    )
    await insertDeliveries(trx, reports, claim.now, reopen)
    const returned = [
      ...settlement.postponed.map(({ lane, dueAt }) => ({ lane, dueAt })),
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

async function presentReports(trx: Transaction, reports: NewDelivery[]): Promise<NewDelivery[]> {
  if (reports.length === 0) return []
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
  return reports.filter(({ userId, eventId }) => users.has(userId) && events.has(eventId))
}

function attempted({ seq, attempt }: Finished | Postponed): (Attempt & { seq: number })[] {
  return attempt ? [{ ...attempt, seq }] : []
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
    const key = JSON.stringify([one.state, one.status, one.answer])
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}
