import type { Database, Queryable, Transaction } from '../database/database.ts'
import { repeatRows } from './delivery-log.ts'

/** Which deliveries are made again: all that match. */
export interface Redrive {
  state: 'dead' | 'delivered' | 'dropped'
  userId?: string
  /** Such as `user`, see `delivery/targets.ts`. */
  target?: string
  /** When they were recorded, in milliseconds: from this instant on, and before that one. */
  from?: number
  to?: number
}

/** Names the receiver of a target and a user. */
type DestinationOf = (target: string, userId: string) => string

// Small enough that nobody waits long for SQLite's one connection.
const ROWS_PER_STEP = 200

/** How many deliveries match, and the number of the newest of them. */
export async function countRedrive(
  db: Queryable,
  redrive: Redrive,
): Promise<{ total: number; newest: number }> {
  const row: { total?: number | string; newest?: number | string | null } | undefined = await matching(
    db,
    redrive,
  )
    .count({ total: '*' })
    .max({ newest: 'seq' })
    .first()
  return { total: Number(row?.total ?? 0), newest: Number(row?.newest ?? 0) }
}

/**
 * Makes deliveries again with all their attempts, each chat in its old order and before what waits there already: a step
 * at a time, whose number it yields. `newest` is the number of the last delivery in question.
 */
export async function* redriveSteps(
  db: Database,
  redrive: Redrive & { newest?: number },
  destinationOf: DestinationOf,
): AsyncGenerator<number, void> {
  const now = Date.now()
  let last = 0
  for (;;) {
    const seqs = await db.transaction(async (trx) => {
      const found = await nextSeqs(trx, redrive, last)
      await repeatRows(trx, found, destinationOf, now)
      return found
    })
    // Not by their state: what is delivered meanwhile would be found again and again.
    last = seqs.at(-1) ?? last
    yield seqs.length
    if (seqs.length < ROWS_PER_STEP) return
    await new Promise(setImmediate)
  }
}

/** The same at once; yields their number. */
export async function redriveDeliveries(
  db: Database,
  redrive: Redrive,
  destinationOf: DestinationOf,
): Promise<number> {
  let total = 0
  for await (const step of redriveSteps(db, redrive, destinationOf)) total += step
  return total
}

async function nextSeqs(
  trx: Transaction,
  redrive: Redrive & { newest?: number },
  after: number,
): Promise<number[]> {
  const query = matching(trx, redrive)
    .select('seq')
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(ROWS_PER_STEP)
  if (redrive.newest !== undefined) query.where('seq', '<=', redrive.newest)
  const rows: { seq: number }[] = await query
  return rows.map(({ seq }) => seq)
}

function matching(db: Queryable, redrive: Redrive) {
  const query = db('deliveries').where('state', redrive.state)
  if (redrive.userId !== undefined) query.where('user_id', redrive.userId)
  if (redrive.target !== undefined) query.where('target', redrive.target)
  if (redrive.from !== undefined) query.where('created_at', '>=', redrive.from)
  if (redrive.to !== undefined) query.where('created_at', '<', redrive.to)
  return query
}
