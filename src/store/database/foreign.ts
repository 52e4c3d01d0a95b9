import { pathToFileURL } from 'node:url'
import knex, { type Knex } from 'knex'
import { errorsWithoutValues, guarded } from './clients.ts'
import type { Database } from './database.ts'
import { PostgresClient } from './postgres.ts'

interface SqliteConnection {
  exec(sql: string, done: (error: Error | null) => void): void
}

interface PostgresConnection {
  query(sql: string, done: (error: Error | null) => void): void
}

const ForeignSqliteClient = guarded('sqlite3')

const CONNECT_TIMEOUT_MS = 10_000

/** What a database that is not ours has in common: nothing is printed, and no value is part of an error. */
const quiet: Knex.Config = { ...errorsWithoutValues, log: { warn: () => {}, error: () => {} } }

/**
 * A SQLite file of another program. `reading` refuses every change of its rows, though SQLite itself may finish what was
 * cut off: give it a copy. `writing` creates a file that does not exist.
 */
export function openForeignFile(path: string, mode: 'reading' | 'writing'): Database {
  const address = pathToFileURL(path)
  address.search = mode === 'reading' ? 'mode=rw' : 'mode=rwc'
  const setting = mode === 'reading' ? 'query_only = on' : 'foreign_keys = on'
  return knex({
    ...quiet,
    client: ForeignSqliteClient,
    connection: { filename: address.href, flags: ['OPEN_URI'] },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection: SqliteConnection, done: (error: Error | null) => void) =>
        connection.exec(`pragma ${setting}; pragma cell_size_check = on; pragma trusted_schema = off`, done),
    },
  })
}

/** A PostgreSQL database of another program. `reading` refuses every change. */
export function openForeignServer(url: string, mode: 'reading' | 'writing'): Database {
  return knex({
    ...quiet,
    client: PostgresClient,
    connection: {
      connectionString: url,
      application_name: 'parley transfer',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    },
    pool: {
      min: 0,
      max: 2,
      afterCreate: (connection: PostgresConnection, done: (error: Error | null) => void) =>
        connection.query(`set default_transaction_read_only = ${mode === 'reading' ? 'on' : 'off'}`, done),
    },
  })
}
