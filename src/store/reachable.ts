import type { Database } from './database.ts'

/** Resolves when the database answers; rejects when it cannot. */
export async function demandReachable(db: Database): Promise<void> {
  await db.raw('select 1')
}
