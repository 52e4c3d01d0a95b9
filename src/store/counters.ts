import type { Queryable } from './database/database.ts'

/** The next number of a counter, from 1 on: nobody else gets it, on no node, and it never comes again. */
export async function nextNumber(db: Queryable, name: string): Promise<number> {
  const [row]: { value: number }[] = await db('counters')
    .insert({ name, value: 1 })
    .onConflict('name')
    .merge({ value: db.raw('counters.value + 1') })
    .returning('value')
  if (!row) throw new Error('the database returned no number')
  return row.value
}
