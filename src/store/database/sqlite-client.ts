import knex, { type Knex } from 'knex'
import { FairTurns } from '../../lib/flow/fair-turns.ts'
import { currentCaller } from '../../lib/process/request-context.ts'
import { guarded } from './clients.ts'

/** So long Knex itself would wait for a connection. */
const PATIENCE_MS = 60_000
/** Connections that read beside the one that writes. */
const READERS = 2

interface SqliteConnection {
  exec(sql: string, done: (error: Error | null) => void): void
}

/** What is known of a builder of Knex, or of a raw statement. */
interface Builder {
  _method?: string
  sql?: string
}

/** A client whose connections are shared fairly, not first come, first served; by the settings of its pool. */
class TurnsClient extends guarded('sqlite3') {
  override async acquireConnection(): Promise<unknown> {
    const pass = await turnsOf(this.config)
      .take(currentCaller(), PATIENCE_MS)
      .catch((cause: unknown) => {
        throw new Error('acquiring a connection took too long', { cause })
      })
    try {
      const connection = await super.acquireConnection()
      passes.set(Object(connection), pass)
      return connection
    } catch (error) {
      pass()
      throw error
    }
  }

  override async releaseConnection(connection: unknown): Promise<void> {
    // Once it is back in the pool, somebody else may have it.
    const pass = passes.get(Object(connection))
    passes.delete(Object(connection))
    try {
      await super.releaseConnection(connection)
    } finally {
      pass?.()
    }
  }
}

/**
 * Knex for SQLite, with the one door for texts and for failures. One connection writes, for SQLite has one writer, and
 * transactions are its; whatever only reads has connections of its own, which see what is committed, as every statement
 * on PostgreSQL does. All are shared fairly: what arrives from WhatsApp and goes to webhooks does not wait behind the
 * requests of users, nor these behind those of each other.
 */
export class SqliteClient extends TurnsClient {
  override runner(builder: Builder): unknown {
    // Inside a transaction what it has written must be seen.
    const isFree = !('transacting' in this && this.transacting) && !closed.has(this.config)
    return isFree && isReading(builder) ? readersOf(this).client.runner(builder) : super.runner(builder)
  }

  override async destroy(callback?: () => void): Promise<void> {
    closed.add(this.config)
    await super.destroy(callback)
    await readers.get(this.config)?.destroy()
    readers.delete(this.config)
  }
}

/** By the settings of a client: Knex copies clients without what a constructor would give them. */
const turns = new WeakMap<Knex.Config, FairTurns>()
const readers = new WeakMap<Knex.Config, Knex>()
/** Those that were destroyed: whoever asks them is told so, and no new connection is made. */
const closed = new WeakSet<Knex.Config>()

/** What ends the turn of whoever has a connection. */
const passes = new WeakMap<object, () => void>()

function turnsOf(config: Knex.Config): FairTurns {
  const known = turns.get(config) ?? new FairTurns({ atOnce: config.pool?.max })
  turns.set(config, known)
  return known
}

function readersOf(client: SqliteClient): Knex {
  const { config } = client
  const known = readers.get(config)
  if (known) return known
  const pool = { min: 0, max: READERS, afterCreate: prepareReader }
  const opened = knex({ ...config, client: TurnsClient, pool })
  // Whoever listens to the statements of a database hears of these too.
  for (const event of ['query', 'query-response', 'query-error'])
    opened.on(event, (...told: unknown[]) => client.emit(event, ...told))
  readers.set(config, opened)
  return opened
}

function isReading({ _method: method, sql }: Builder): boolean {
  if (method !== undefined) return ['select', 'first', 'pluck'].includes(method)
  return sql !== undefined && /^\s*select\b/i.test(sql)
}

/** Prepares the connection that writes, before anything is asked of it. */
export function prepareWriter(connection: SqliteConnection, done: (error: Error | null) => void): void {
  // WAL with synchronous NORMAL survives a killed process; a power cut may lose the last commits, never consistency.
  connection.exec(
    `pragma journal_mode = wal;
     pragma synchronous = normal;
     pragma foreign_keys = on;
     pragma busy_timeout = 10000;
     pragma journal_size_limit = 67108864;
     pragma cache_size = -32000;`,
    done,
  )
}

function prepareReader(connection: SqliteConnection, done: (error: Error | null) => void): void {
  connection.exec(
    `pragma query_only = on;
     pragma busy_timeout = 10000;
     pragma cache_size = -8000;`,
    done,
  )
}
