import { createPostgres, type PostgresServer } from './postgres.ts'

let server: PostgresServer | undefined

/**
 * Finds or starts the PostgreSQL server of this run and tells the test processes where it is.
 * Tests that never ask for PostgreSQL also run on a machine without it.
 */
export async function setup(): Promise<void> {
  try {
    server = await createPostgres()
    process.env.PARLEY_TEST_PG = server.url
  } catch (error) {
    process.env.PARLEY_TEST_PG_MISSING = error instanceof Error ? error.message : String(error)
  }
  process.env.PARLEY_TEST_RUN = `parley_test_${process.pid}`
}

export async function teardown(): Promise<void> {
  await server?.stop(`${process.env.PARLEY_TEST_RUN}`)
}
