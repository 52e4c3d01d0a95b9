import type { Socket } from 'node:net'
import knex, { type Knex } from 'knex'
import pg from 'pg'
import { contain } from '../../lib/process/contain.ts'
import { errorsWithoutValues, guarded } from './clients.ts'
import type { Database } from './database.ts'

/** Knex for PostgreSQL, with the one door for texts and for failures. */
export const PostgresClient = guarded('pg')

/** PostgreSQL's int8 arrives as text by default; our integers (milliseconds, sequence numbers) stay below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

interface Reading {
  attachListeners(this: pg.Connection, stream: Socket): void
}

// The driver's parser throws at a message that is shorter than it says. Its types leave this method out, where it
// begins to read: the plain socket, or the encrypted one on top of it.
const driver = pg.Connection.prototype as unknown as Reading
const { attachListeners } = driver
driver.attachListeners = function (stream) {
  attachListeners.call(this, contain(stream))
}

const CONNECTIONS = 16
// A connection whose other end vanished without a word is given up: nothing waits a quarter of an hour for TCP to do so.
const SILENCE_MS = 60_000
const CONNECT_TIMEOUT_MS = 10_000
const LEASE_CONNECTIONS = 3
const LEASE_SILENCE_MS = 2_500

/** Knex options for what the whole server works on. */
export function poolOptions(url: string): Knex.Config {
  return connectionsTo(url, {
    name: 'parley',
    connections: CONNECTIONS,
    silenceMs: SILENCE_MS,
    connectMs: CONNECT_TIMEOUT_MS,
  })
}

/**
 * Connections that nothing but leases uses: renewing must neither wait for the pool when it is busy, nor long for a
 * database that does not answer.
 */
export function openLeaseDatabase(databaseUrl: string): Database {
  return knex({
    ...connectionsTo(databaseUrl, {
      name: 'parley leases',
      connections: LEASE_CONNECTIONS,
      silenceMs: LEASE_SILENCE_MS,
      connectMs: LEASE_SILENCE_MS,
    }),
    acquireConnectionTimeout: LEASE_SILENCE_MS,
  })
}

interface PostgresPool {
  name: string
  connections: number
  /** How long a connection may say nothing, whether it is asked something or not. */
  silenceMs: number
  connectMs: number
}

function connectionsTo(url: string, { name, connections, silenceMs, connectMs }: PostgresPool): Knex.Config {
  return {
    ...errorsWithoutValues,
    client: PostgresClient,
    // Knex also prints what its callers hear anyway.
    log: { warn: () => {}, error: () => {} },
    connection: { connectionString: url, application_name: name, connectionTimeoutMillis: connectMs },
    pool: {
      min: 0,
      max: connections,
      afterCreate: (client: PostgresConnection, done: (error: null) => void) => {
        const { stream } = client.connection
        stream.setTimeout(silenceMs, () => stream.destroy(new Error('the database does not answer')))
        done(null)
      },
    },
  }
}

/** A connection of the driver, whose socket is a plain public member that its types leave out. */
interface PostgresConnection {
  connection: { stream: Socket }
}
