import type { Database } from './database.ts'

// More than a page of SQLite, so that it needs room of its own; PostgreSQL stores it compressed.
const FILLER = 'x'.repeat(8_192)

/**
 * Resolves when the database takes a write; rejects when it does not. What is written is deleted at once and its room
 * used again. Two statements and no transaction: what a killed process leaves is deleted by the next one, and SQLite
 * ends the transaction itself when the disk is full, which Knex then complains of instead.
 */
export async function requireWritable(db: Database): Promise<void> {
  await db('write_probe').insert({ filler: FILLER })
  await db('write_probe').delete()
}
