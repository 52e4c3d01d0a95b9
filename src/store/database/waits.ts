import { forgetDestinations } from '../delivery/destinations.ts'
import { type Database, isPostgres } from './database.ts'

/** Tables with rows that wait for an instant (`due`) which was set at `set_at`. */
const tables = [
  { table: 'lanes', key: 'lane', due: 'due_at' },
  { table: 'destinations', key: 'name', due: 'retry_at' },
  { table: 'history_syncs', key: 'seq', due: 'due_at' },
]

// The clocks of nodes differ by less, or their leases on lanes would mean nothing.
const SKEW_MS = 5_000

/**
 * Counts waits anew that began in the future: the clock has been set back since, and what was to wait for seconds would
 * wait for as long as the clock was wrong. Each is as long as it was meant to be. Tells how many there were.
 */
export async function recountWaits(db: Database, now: number): Promise<number> {
  let total = 0
  for (const { table, key, due } of tables) {
    const ahead = db(table)
      .select(key)
      .where('set_at', '>', now + SKEW_MS)
      .orderBy(key)
    // What somebody changes right now gets a new wait anyway.
    if (isPostgres(db)) ahead.forUpdate().skipLocked()
    total += await db(table)
      .whereIn(key, ahead)
      .update({ [due]: db.raw('?? - set_at + ?', [due, now]), set_at: now })
  }
  if (total > 0) forgetDestinations(db)
  return total
}
