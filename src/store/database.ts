import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import pg from 'pg'

/** A connection pool to the SQLite file or the PostgreSQL database. */
export type Database = Knex

/** An open transaction; inside it use only this handle, because SQLite has one connection. */
export type Transaction = Knex.Transaction

/** What a store function runs on: the pool, or a transaction of the caller. */
export type Queryable = Database | Transaction

/** PostgreSQL's int8 arrives as text by default; our integers (milliseconds, sequence numbers) stay below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

// Knex writes SQLite bulk inserts as one compound SELECT, limited to 500 terms; a first login stores 812 keys.
const ROWS_PER_INSERT = 200

const POSTGRES_CONNECTIONS = 16

/** Opens the configured database without touching its schema; creates the data folder of SQLite. */
export async function openDatabase(config: { dataDir: string; databaseUrl?: string }): Promise<Database> {
  if (!config.databaseUrl) await createPrivateFile(config.dataDir)
  return knex(connectionOptions(config))
}

// Message texts are legible in it; SQLite gives the files beside it the same mode.
async function createPrivateFile(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  await writeFile(sqliteFile(dataDir), '', { flag: 'a', mode: 0o600 })
}

function sqliteFile(dataDir: string): string {
  return join(dataDir, 'parley.db')
}

/** Knex options for the configured database; shared with `knexfile.ts`. */
export function connectionOptions(config: { dataDir: string; databaseUrl?: string }): Knex.Config {
  if (config.databaseUrl) {
    return {
      client: 'pg',
      connection: { connectionString: config.databaseUrl, application_name: 'parley' },
      pool: { min: 0, max: POSTGRES_CONNECTIONS },
    }
  }
  return {
    client: 'sqlite3',
    connection: { filename: sqliteFile(config.dataDir) },
    useNullAsDefault: true,
    // One connection: SQLite has one writer anyway, and transactions of one process then never meet "database is locked".
    pool: { min: 1, max: 1, afterCreate: prepareSqlite },
  }
}

/** True for PostgreSQL, where rows can be locked and several nodes may share the database. */
export function isPostgres(db: Queryable): boolean {
  return db.client.config.client === 'pg'
}

/** Inserts rows in chunks that every database accepts; `refine` adds conflict clauses. */
export async function insertChunked(
  db: Queryable,
  table: string,
  rows: object[],
  refine: (insert: Knex.QueryBuilder) => Knex.QueryBuilder = (insert) => insert,
): Promise<void> {
  for (const chunk of chunked(rows, ROWS_PER_INSERT)) await refine(db(table).insert(chunk))
}

/** Splits a list into lists of at most `size`; also keeps `where in` below the limit of bound parameters. */
export function chunked<Item>(items: Item[], size = ROWS_PER_INSERT): Item[][] {
  const chunks: Item[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

interface SqliteConnection {
  exec(sql: string, done: (error: Error | null) => void): void
}

function prepareSqlite(connection: SqliteConnection, done: (error: Error | null) => void): void {
  // WAL with synchronous NORMAL survives a killed process; a power cut may lose the last commits, never consistency.
  connection.exec(
    `pragma journal_mode = wal;
     pragma synchronous = normal;
     pragma foreign_keys = on;
     pragma busy_timeout = 10000;
     pragma cache_size = -32000;`,
    done,
  )
}
