import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { isPostgres, type Queryable } from './database.ts'

const MAX_ROWS = 20_000
// Other nodes change rows of a shared PostgreSQL too; for this long their changes may go unseen here.
const SHARED_TTL_MS = 1_000

/**
 * Rows as last read, per database, for what every delivery looks up. Every change must forget its key; a read that
 * overlaps a change is not kept. That there is no row is remembered as well.
 */
export class RowCache<Row extends object> {
  readonly #databases = new WeakMap<object, { rows: BoundedCache<string, { row?: Row }>; changes: number }>()

  /** The row with this key, from memory where possible. */
  async get(db: Queryable, key: string, read: () => Promise<Row | undefined>): Promise<Row | undefined> {
    const cache = this.#of(db)
    const known = cache.rows.get(key)
    if (known) return known.row
    const changes = cache.changes
    const row = await read()
    if (changes === cache.changes) cache.rows.set(key, { row })
    return row
  }

  /** Must be called after every change of a row; without a key after changes of many. */
  forget(db: Queryable, key?: string): void {
    this.#drop(db, key)
    // Until a transaction has ended others read what was before, and may remember it.
    if ('executionPromise' in db) {
      const again = () => this.#drop(db, key)
      db.executionPromise.then(again, again)
    }
  }

  #drop(db: Queryable, key?: string): void {
    const cache = this.#of(db)
    cache.changes += 1
    if (key === undefined) cache.rows.clear()
    else cache.rows.delete(key)
  }

  #of(db: Queryable) {
    // Knex hands the configuration object of a pool on to its transactions.
    const pool: object = db.client.config
    const cache = this.#databases.get(pool) ?? {
      rows: new BoundedCache<string, { row?: Row }>({
        max: MAX_ROWS,
        ttl: isPostgres(db) ? SHARED_TTL_MS : 0,
      }),
      changes: 0,
    }
    this.#databases.set(pool, cache)
    return cache
  }
}
