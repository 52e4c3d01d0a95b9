import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import knex, { type Knex } from 'knex'
import type { Verdict } from '../../lib/flow/write-apart.ts'
import { UnreadableAnswer } from '../../lib/process/contain.ts'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import { errorsWithoutValues, isDatabaseError } from './clients.ts'
import { prepareWriter, SqliteClient } from './sqlite-client.ts'

/** A connection pool to the SQLite file or the PostgreSQL database. */
export type Database = Knex

/** An open transaction; inside it use only this handle, because SQLite has one connection that writes. */
export type Transaction = Knex.Transaction

/** What a store function runs on: the pool, or a transaction of the caller. */
export type Queryable = Database | Transaction

// Knex writes SQLite bulk inserts as one compound SELECT, limited to 500 terms; a first login stores 812 keys.
const ROWS_PER_INSERT = 200

/** Opens the configured database without touching its schema; creates the data folder of SQLite. */
export async function openDatabase(config: { dataDir: string; databaseUrl?: string }): Promise<Database> {
  if (!config.databaseUrl) await createPrivateFile(config.dataDir)
  return knex(await connectionOptions(config))
}

/** Opens a SQLite database that is there already, to read it only. Throws InstallationError when there is none. */
export async function openExistingDatabase(dataDir: string): Promise<Database> {
  const file = resolve(sqliteFile(dataDir))
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile())
    throw new InstallationError(`there is no database ${file}; set DATA_DIR to the folder of the server`)
  const db = knex({ ...errorsWithoutValues, ...sqliteConnection(dataDir, 'ro') })
  // Another program's database, or the empty file of a start that failed.
  const isOurs = await db.schema.hasTable('users').catch(() => false)
  if (isOurs) return db
  await db.destroy()
  throw new InstallationError(`${file} is not a database of Parley; set DATA_DIR to the folder of the server`)
}

// Message texts are legible in it; SQLite gives the files beside it the same mode. A file that is there is not even
// opened: closing it would end the locks that other connections of this process have on it.
async function createPrivateFile(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  await writeFile(sqliteFile(dataDir), '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
}

function sqliteFile(dataDir: string): string {
  return join(dataDir, 'parley.db')
}

/** Never creates the file: whoever opens a folder that is not the right one must not leave an empty database there. */
function sqliteConnection(dataDir: string, mode: 'ro' | 'rw'): Knex.Config {
  const address = pathToFileURL(sqliteFile(dataDir))
  address.search = `mode=${mode}`
  return {
    client: SqliteClient,
    connection: { filename: address.href, flags: ['OPEN_URI'] },
    useNullAsDefault: true,
  }
}

/** Knex options for the configured database; shared with `knexfile.ts`. The driver of the other one is not loaded. */
export async function connectionOptions(config: {
  dataDir: string
  databaseUrl?: string
}): Promise<Knex.Config> {
  if (config.databaseUrl) return (await import('./postgres.ts')).poolOptions(config.databaseUrl)
  return {
    ...errorsWithoutValues,
    ...sqliteConnection(config.dataDir, 'rw'),
    // One connection for whatever writes: transactions of one process then never meet "database is locked".
    pool: { min: 1, max: 1, afterCreate: prepareWriter },
  }
}

/** True for PostgreSQL, where rows can be locked and several nodes may share the database. */
export function isPostgres(db: Queryable): boolean {
  return db.client.dialect === 'postgresql'
}

/** SQLSTATE classes: connection, rollback, resources, intervention of an operator, system. */
const FAULT_CLASSES = /^(08|40|53|57|58)[0-9A-Z]{3}$/
/** A disk that is full or gone, a file that is locked or may not be written (SQLite result codes). */
const SQLITE_FAULTS = new Set(
  ['BUSY', 'LOCKED', 'IOERR', 'FULL', 'READONLY', 'CANTOPEN', 'NOMEM', 'PROTOCOL'].map(
    (name) => `SQLITE_${name}`,
  ),
)
/** Faults of connections that the driver and the pool give no code; the last two: what answers is not the database. */
const FAULT_TEXTS =
  /connection terminated|connection error|timeout expired|acquiring a connection|does not answer|connection ended|received (unexpected|invalid)|there was an error establishing an SSL connection/i

/** Whether the database is to blame and not what it was asked for: the same may succeed a moment later. */
export function isDatabaseFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    'syscall' in error ||
    error instanceof UnreadableAnswer ||
    SQLITE_FAULTS.has(code) ||
    FAULT_CLASSES.test(code) ||
    FAULT_TEXTS.test(error.message)
  )
}

/**
 * What a failed write says about what was to be written. A transaction that the database gave up because of another
 * one (SQLSTATE class 40; 40003 is a commit of which nothing is known) has written nothing and may be tried again.
 */
export function judgeWrite(error: unknown): Verdict {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^40[0-9A-Z]{3}$/.test(code) && code !== '40003') return 'collided'
  return isDatabaseFault(error) ? 'away' : 'refused'
}

/** Whether the database refuses what was to be written, and would refuse it again. */
export function isRefused(error: unknown): boolean {
  return isDatabaseError(error) && judgeWrite(error) === 'refused'
}

/** Whether the database answers that it has no room: what is smaller may still fit. SQLSTATE class 53. */
export function isWithoutRoom(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(53[0-9A-Z]{3}|SQLITE_FULL)$/.test(String(error.code))
}

/** Whether the database refuses a value as such, a text with a NUL for example. SQLSTATE classes 22 and 54. */
export function isAboutValue(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|54)[0-9A-Z]{3}$/.test(String(error.code))
}

/** Whether the database refuses a row because what it refers to is not there: it was deleted, for example. */
export function isAboutMissingRow(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false
  // SQLite reports every kind of constraint under one code.
  return (
    error.code === '23503' || (error.code === 'SQLITE_CONSTRAINT' && error.message.includes('FOREIGN KEY'))
  )
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

/**
 * Those of these rows that are there. On PostgreSQL they stay there until the transaction ends, so that what is written
 * about them cannot fail because somebody deletes them meanwhile. Lock what others refer to first, as deleting does.
 */
export async function lockPresent<Value extends string | number>(
  trx: Transaction,
  { table, column }: { table: string; column: string },
  values: Value[],
): Promise<Set<Value>> {
  const present = new Set<Value>()
  for (const some of chunked([...new Set(values)])) {
    const query = trx(table).whereIn(column, some).orderBy(column).select(column)
    if (isPostgres(trx)) query.forKeyShare()
    for (const row of await query) present.add(row[column])
  }
  return present
}

/** Splits a list into lists of at most `size`; also keeps `where in` below the limit of bound parameters. */
export function chunked<Item>(items: Item[], size = ROWS_PER_INSERT): Item[][] {
  const chunks: Item[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}

/** Rows of a raw statement: PostgreSQL's driver wraps them in a result object. */
export async function rawRows<Row>(
  db: Queryable,
  sql: string,
  bindings: (string | number)[],
): Promise<Row[]> {
  // Knex does not type raw results; the statement itself names the columns of Row.
  const result = (await db.raw(sql, bindings)) as Row[] | { rows: Row[] }
  return Array.isArray(result) ? result : result.rows
}
