import type { Database } from './database.ts'

/** Writes the SQLite database, as it is at this moment, into a new file while others go on reading and writing. */
export async function writeSnapshot(db: Database, path: string): Promise<void> {
  await db.raw('vacuum into ?', [path])
}
