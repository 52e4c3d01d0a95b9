import type { Database, Transaction } from '../database/database.ts'
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

// Small enough that nobody waits long for SQLite's one connection.
const ROWS_PER_STEP = 200

/**
 * Makes deliveries again with all their attempts, each chat in its old order and before what waits there already.
 * Yields their number. `destinationOf` names the receiver of a target and a user.
 */
export async function redriveDeliveries(
  db: Database,
  redrive: Redrive,
  destinationOf: (target: string, userId: string) => string,
  now = Date.now(),
): Promise<number> {
  let total = 0
  let last = 0
  for (;;) {
    const seqs = await db.transaction(async (trx) => {
      const found = await nextSeqs(trx, redrive, last)
      await repeatRows(trx, found, destinationOf, now)
      return found
    })
    total += seqs.length
    // Not by their state: what is delivered meanwhile would be found again and again.
    last = seqs.at(-1) ?? last
    if (seqs.length < ROWS_PER_STEP) return total
    await new Promise(setImmediate)
  }
}

async function nextSeqs(trx: Transaction, redrive: Redrive, after: number): Promise<number[]> {
  const query = trx('deliveries')
    .select('seq')
    .where('state', redrive.state)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(ROWS_PER_STEP)
  if (redrive.userId !== undefined) query.where('user_id', redrive.userId)
  if (redrive.target !== undefined) query.where('target', redrive.target)
  if (redrive.from !== undefined) query.where('created_at', '>=', redrive.from)
  if (redrive.to !== undefined) query.where('created_at', '<', redrive.to)
  const rows: { seq: number }[] = await query
  return rows.map(({ seq }) => seq)
}
