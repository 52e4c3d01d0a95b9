import knex, { type Knex } from 'knex'
import { storable } from './storable.ts'

/** Whom a statement is given to; the driver's own business. */
type Connection = unknown
type Query = string | { sql: string }

/** Values of a statement are tokens and messages: an error knows the statement alone. */
export const errorsWithoutValues = { compileSqlOnError: false }

/** A client of Knex with the one door for texts and for failures. */
export function guarded(client: 'sqlite3' | 'pg'): typeof Knex.Client {
  return class extends dialect(client) {
    override prepBindings(bindings: unknown): unknown {
      return storableBindings(super.prepBindings(bindings))
    }

    override query(connection: Connection, query: Query): Promise<unknown> {
      return told(super.query(connection, query), query)
    }

    override acquireConnection(): Promise<unknown> {
      return told(super.acquireConnection())
    }
  }
}

/** What Knex derives its own instances from; it exports its dialects by name only. */
function dialect(client: 'sqlite3' | 'pg'): typeof Knex.Client {
  return knex({ client, useNullAsDefault: true }).client.constructor
}

/** The values of a statement, whether they are stored or looked for: the same text always meets itself. */
function storableBindings(bindings: unknown): unknown {
  if (!Array.isArray(bindings)) return bindings
  return bindings.map((value: unknown) => (typeof value === 'string' ? storable(value) : value))
}

const databaseErrors = new WeakSet<Error>()

/** Whether a failure comes from the database: its words are for the log, never for a caller. */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && databaseErrors.has(error)
}

/**
 * Knex puts the statement before the words of the driver, and messages find their way into answers and tables. It
 * becomes a member of the error, which only the log prints.
 */
export async function told<Result>(work: Promise<Result>, query?: Query): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Error)) throw error
    databaseErrors.add(error)
    const statement = typeof query === 'string' ? query : query?.sql
    if (statement !== undefined && error.message.startsWith(`${statement} - `)) {
      error.message = error.message.slice(`${statement} - `.length)
      Object.assign(error, { statement })
    }
    throw error
  }
}
