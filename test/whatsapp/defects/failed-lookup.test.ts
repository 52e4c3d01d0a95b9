import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// What fails while a message is handled counts as a message that cannot be handled: the library refuses it, and what
// was refused is never offered again. Found by ending all connections to PostgreSQL under traffic.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open('postgres')
})
afterAll(() => stage.close())

test('the bare library loses a message when its keys cannot be looked up for a moment', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()

  await bare.order({ order: 'failLookups', times: 2 })
  await contact.send(bare.phone, { text: 'while the database was away' })
  await stage.settles()
  await bare.order({ order: 'close' })
  await bare.connect()
  await stage.settles()

  expect(bare.texts()).toEqual([])
})

test('Parley refuses nothing when a lookup fails, and has the message after a reconnect', async () => {
  const user = await stage.user()
  const contact = stage.contact()

  await failOneLookup(async () => {
    await contact.send(user.phone, { text: 'while the database was away' })
  })

  await stage.arrives('while the database was away')
  await stage.settles()
  expect(stage.delivered()).toEqual(['while the database was away'])
  expect(stage.undecryptable()).toBe(0)
}, 30_000)

/** Ends the connection of whoever is the first to look for keys. */
async function failOneLookup(begin: () => Promise<void>): Promise<void> {
  await stage.app.parley.services.db.transaction(async (trx) => {
    await trx.raw('lock table auth in access exclusive mode')
    await begin()
    await stage.app.waitFor('a lookup', async () => {
      const { rowCount } = await trx.raw(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount > 0
    })
  })
}
