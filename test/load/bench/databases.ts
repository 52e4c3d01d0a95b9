import pg from 'pg'
import { createPostgres } from '../../helpers/postgres.ts'

/** A server of PostgreSQL with databases for one run. */
export interface Databases {
  /** The address of a new, empty database. */
  create(): Promise<string>
  /** Drops them all. */
  stop(): Promise<void>
}

/**
 * Finds the server of that address; `postgres` stands for the one of this machine, which is started where none runs.
 * Its settings are left as they are.
 */
export async function openDatabases(address: string): Promise<Databases> {
  if (address !== 'postgres') process.env.PARLEY_TEST_PG = address
  const server = await createPostgres()
  const prefix = `parley_bench_${process.pid}`
  let count = 0
  return {
    async create() {
      const name = `${prefix}_${count++}`
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query(`create database "${name}"`).finally(() => client.end())
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return url.href
    },
    stop: () => server.stop(prefix),
  }
}
