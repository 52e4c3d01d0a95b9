import type { Knex } from 'knex'
import { told } from './clients.ts'
import type { Database } from './database.ts'
import { preparedOn, readersOf, type SqliteConnection, type SqliteStatement } from './sqlite-client.ts'

/** Runs a statement that stays prepared on its connection, and yields its rows. Texts must be `storable`. */
export type RunPrepared = <Row>(sql: string, values: unknown[]) => Promise<Row[]>

/**
 * Does `work` on the connection of SQLite that writes; nobody else writes meanwhile. For the few statements that run with
 * every message: below Knex they take a third of the time.
 */
export function onWriter<Result>(db: Database, work: (run: RunPrepared) => Promise<Result>): Promise<Result> {
  return onConnection(db, work)
}

/** Reads with a prepared statement on a connection of SQLite that only reads. */
export function readPrepared<Row>(db: Database, sql: string, values: unknown[]): Promise<Row[]> {
  return onConnection(readersOf(db.client), (run) => run<Row>(sql, values))
}

/** Runs a statement that PostgreSQL plans once per connection, under a name of its own. */
export async function queryPrepared<Row>(
  db: Database,
  { name, sql, values }: { name: string; sql: string; values: unknown[] },
): Promise<Row[]> {
  const connection: PostgresConnection = await db.client.acquireConnection()
  try {
    const query = () => connection.query<Row>({ name, text: sql, values })
    const { rows } = await heard(db.client, sql, query)
    return rows
  } finally {
    await db.client.releaseConnection(connection)
  }
}

interface PostgresConnection {
  query<Row>(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>
}

/** Executes statements that belong to a connection and not to the database, `create temp …`, once on each under this name. */
export async function oncePerConnection(
  run: RunPrepared,
  name: string,
  statements: () => readonly string[],
): Promise<void> {
  const known = equipped.get(run) ?? new Set<string>()
  if (known.has(name)) return
  for (const sql of statements()) await run(sql, [])
  equipped.set(run, known.add(name))
}

const equipped = new WeakMap<RunPrepared, Set<string>>()
/** What runs the statements of a connection: the same as long as it is open. */
const runners = new WeakMap<SqliteConnection, RunPrepared>()

async function onConnection<Result>(
  db: Pick<Database, 'client'>,
  work: (run: RunPrepared) => Promise<Result>,
): Promise<Result> {
  const connection: SqliteConnection = await db.client.acquireConnection()
  try {
    return await work(runnerOf(db.client, connection))
  } finally {
    await db.client.releaseConnection(connection)
  }
}

function runnerOf(client: Knex.Client, connection: SqliteConnection): RunPrepared {
  const known = runners.get(connection)
  if (known) return known
  const run: RunPrepared = <Row>(sql: string, values: unknown[]) =>
    heard(client, sql, async () => runStatement<Row>(await prepare(connection, sql), values))
  runners.set(connection, run)
  return run
}

/** Does what Knex does around its statements: whoever listens hears of them, and their errors have its form. */
async function heard<Result>(
  client: Knex.Client,
  sql: string,
  query: () => Promise<Result>,
): Promise<Result> {
  client.emit('query', { sql, bindings: [] })
  try {
    return await told(query(), sql)
  } catch (error) {
    client.emit('query-error', error, { sql, bindings: [] })
    throw error
  }
}

function prepare(connection: SqliteConnection, sql: string): Promise<SqliteStatement> {
  const statements = preparedOn(connection)
  const known = statements.get(sql)
  if (known) return known
  const preparing = new Promise<SqliteStatement>((resolve, reject) => {
    const statement = connection.prepare(sql, (error) => (error ? reject(error) : resolve(statement)))
  })
  statements.set(sql, preparing)
  preparing.catch(() => statements.delete(sql))
  return preparing
}

function runStatement<Row>(statement: SqliteStatement, values: unknown[]): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    // The statement itself names the columns of Row.
    statement.all(values, (error, rows) => (error ? reject(error) : resolve(rows as Row[])))
  })
}
