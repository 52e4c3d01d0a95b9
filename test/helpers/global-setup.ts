import { createPostgres, type PostgresServer } from './postgres.ts'
import { type BrokerPlace, endBroker, findBroker } from './rabbitmq.ts'

let server: PostgresServer | undefined
let broker: BrokerPlace | undefined

/**
 * Finds or starts the PostgreSQL server of this run, finds RabbitMQ or a place for it, and tells the test processes
 * where they are. Tests that never ask for either also run on a machine without it.
 */
export async function setup(): Promise<void> {
  try {
    server = await createPostgres()
    process.env.PARLEY_TEST_PG = server.url
  } catch (error) {
    process.env.PARLEY_TEST_PG_MISSING = error instanceof Error ? error.message : String(error)
  }
  broker = await findBroker()
  process.env.PARLEY_TEST_BROKER = JSON.stringify(broker)
  process.env.PARLEY_TEST_RUN = `parley_test_${process.pid}`
}

export async function teardown(): Promise<void> {
  await server?.stop(`${process.env.PARLEY_TEST_RUN}`)
  if (broker) await endBroker(broker)
}
