import knex, { type Knex } from 'knex'
import { FairTurns } from '../../lib/flow/fair-turns.ts'
import { currentCaller } from '../../lib/process/request-context.ts'
import { guarded } from './clients.ts'

/** So long Knex itself would wait for a connection. */
const PATIENCE_MS = 60_000
/** Connections that read beside the one that writes. */
const READERS = 2

/** A connection of the driver, as far as it is used below Knex. */
export interface SqliteConnection {
  exec(sql: string, done: (error: Error | null) => void): void
  prepare(sql: string, done: (error: Error | null) => void): SqliteStatement
}

/** A statement of the driver; after `all` it is ready to be run again. */
export interface SqliteStatement {
  all(values: unknown[], done: (error: Error | null, rows: unknown[]) => void): void
  finalize(done: () => void): void
}

/** The statements that were prepared on a connection, by their text. */
const prepared = new WeakMap<SqliteConnection, Map<string, Promise<SqliteStatement>>>()

/** The statements of a connection that stay prepared as long as it is open. */
export function preparedOn(connection: SqliteConnection): Map<string, Promise<SqliteStatement>> {
  const known = prepared.get(connection) ?? new Map<string, Promise<SqliteStatement>>()
  prepared.set(connection, known)
  return known
}

/** What is known of a builder of Knex, or of a raw statement. */
interface Builder {
  _method?: string
  sql?: string
}

/** A client whose connections are shared fairly, not first come, first served; by the settings of its pool. */
class TurnsClient extends guarded('sqlite3') {
  override async acquireConnection(): Promise<unknown> {
    const pass = await turnsOf(this)
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

  override async destroyRawConnection(connection: SqliteConnection): Promise<void> {
    // The driver closes no connection that has statements.
    for (const statement of preparedOn(connection).values())
      await statement.then((one) => new Promise<void>((done) => one.finalize(done))).catch(() => {})
    await super.destroyRawConnection(connection)
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
    const isFree = !('transacting' in this && this.transacting) && isOpen(this)
    return isFree && isReading(builder) ? readersOf(this).client.runner(builder) : super.runner(builder)
  }

  override async destroy(callback?: () => void): Promise<void> {
    const pool = poolOf(this)
    closed.add(pool)
    await super.destroy(callback)
    await readers.get(pool)?.destroy()
    readers.delete(pool)
  }
}

/**
 * By the pool of a client. Knex copies clients, those of migrations for one, without what a constructor would give them and
 * with settings of their own; their pool is the same.
 */
const turns = new WeakMap<object, FairTurns>()
const readers = new WeakMap<object, Knex>()
/** Those that were destroyed: whoever asks them is told so, and no new connection is made. */
const closed = new WeakSet<object>()

/** Clients that hear of what their readers do. */
const told = new WeakSet<object>()

/** What ends the turn of whoever has a connection. */
const passes = new WeakMap<object, () => void>()

function turnsOf(client: TurnsClient): FairTurns {
  const pool = poolOf(client)
  const known = turns.get(pool) ?? new FairTurns({ atOnce: client.config.pool?.max })
  turns.set(pool, known)
  return known
}

function isOpen(client: TurnsClient): boolean {
  const { pool } = client as { pool?: object }
  return pool !== undefined && !closed.has(pool)
}

/** The client itself once it has none any more. */
function poolOf(client: TurnsClient): object {
  return (client as { pool?: object }).pool ?? client
}

/** Knex on the connections that only read. */
export function readersOf(client: SqliteClient): Knex {
  const pool = { min: 0, max: READERS, afterCreate: prepareReader }
  const opened = readers.get(poolOf(client)) ?? knex({ ...client.config, client: TurnsClient, pool })
  readers.set(poolOf(client), opened)
  tell(opened, client)
  return opened
}

/** Whoever listens to the statements of a database hears of those that only read, too: of each copy of its client. */
function tell(opened: Knex, client: SqliteClient): void {
  if (told.has(client)) return
  told.add(client)
  for (const event of ['query', 'query-response', 'query-error'])
    opened.on(event, (...facts: unknown[]) => client.emit(event, ...facts))
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
