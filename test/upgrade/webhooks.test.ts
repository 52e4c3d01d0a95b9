import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPostgres } from '../../src/store/database/database.ts'
import { migrate, migrationSource } from '../../src/store/database/migrations.ts'
import { TestApp } from '../helpers/app.ts'
import {
  type DatabaseKind,
  databaseKinds,
  type TemporaryDatabase,
  temporaryDatabase,
} from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

/**
 * The rows of a server of the release before `0020_webhooks`, with test events: for a user with a key and a secret, one
 * that pulls, one that is paused, one whose receiver failed, one with a webhook in another dialect; and the webhook of
 * all. Every receiver failed, so that breakers are open and deliveries given up. `url` was all receivers' address.
 */
interface Former {
  ids: Record<'u1' | 'u2' | 'u3' | 'u4' | 'u5', string>
  tables: Record<string, Record<string, unknown>[]>
}

const FORMER_URL = 'http://127.0.0.1:18990'
const EVENTS = 8

describe.each(databaseKinds)('an upgrade of a server with webhooks on %s', (kind) => {
  let former: Former
  let database: TemporaryDatabase
  let receiver: Receiver
  let app: TestApp

  beforeAll(async () => {
    receiver = await startReceiver({ timeoutMs: 60_000 })
    receiver.answer(500)
    former = await readFormer(kind, receiver.url)
    database = await temporaryDatabase(kind)
    await fill(database, former)
    app = await TestApp.start({
      reuse: database.config,
      env: {
        ENCRYPTION_KEY: 'upgrade walk',
        GLOBAL_WEBHOOK: `${receiver.url}/global`,
        GLOBAL_HMAC_KEY: 'g'.repeat(32),
        WEBHOOK_RETRY_COUNT: '1',
      },
    })
  })
  afterAll(async () => {
    await app.stop()
    await receiver.close()
    await database.close()
  })

  const parley = (method: string, path: string, body?: unknown) =>
    app.request(method, `/parley${path}`, { admin: true, body })
  const addresses = () => [
    'global',
    ...(['u1', 'u2', 'u3', 'u4'] as const).map((name) => `user:${former.ids[name]}`),
    `wsgo:${former.ids.u5}`,
  ]

  test('every user shows its webhook, subscriptions and key as before', async () => {
    const { json } = await app.request('GET', '/admin/users', { admin: true })
    const shown = json.data.map(({ name, webhook, events }: Record<string, string>) => [
      name,
      webhook,
      events,
    ])

    expect(shown).toEqual([
      ['u1', `${receiver.url}/u1`, 'Message,ReadReceipt'],
      ['u2', `${receiver.url}/u2`, 'All'],
      ['u3', `${receiver.url}/u3`, 'All'],
      ['u4', `${receiver.url}/u4`, 'All'],
      ['u5', '', 'All'],
    ])
    expect((await app.get('/session/status', 't-u1')).json.data.hmac_configured).toBe(true)
    const other = await app.request('GET', '/wsgo/api/webhook', { headers: { 'x-api-key': 't-u5' } })
    expect(other.text).toContain(`${receiver.url}/wsgo`)
  })

  test('the documented addresses answer, and tell of pauses, modes and breakers', async () => {
    const states = await Promise.all(addresses().map((id) => parley('GET', `/targets/${id}`)))

    expect(states.map(({ status }) => status)).toEqual(states.map(() => 200))
    const [all, failed, pulled, paused, , other] = states.map(({ json }) => json)
    expect(all.breaker.state).not.toBe('closed')
    expect(failed.breaker.state).not.toBe('closed')
    expect(other.breaker.state).not.toBe('closed')
    expect(pulled.mode).toBe('pull')
    expect(paused.pausedAt).toBeGreaterThan(0)
  })

  test('what waited and what was given up arrives, each once, signed as before', async () => {
    receiver.answer(200)
    const before = receiver.requests.length
    for (const id of addresses()) {
      await parley('POST', `/targets/${id}/resume`)
      if (id !== `user:${former.ids.u2}`) await parley('POST', `/targets/${id}/redrive`, {})
    }
    const leased = await app.get('/parley/me/deliveries/lease?limit=100', 't-u2')

    expect(leased.json.deliveries).toHaveLength(EVENTS)
    await expect.poll(() => receiver.requests.length - before).toBe(5 * EVENTS + 4 * EVENTS)
    const told = receiver.requests.slice(before)
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(told.length)
    const toldTo = (name: string) => told.filter(({ path }) => path === `/webhook/${name}`)
    expect(['global', 'u1', 'u3', 'u4', 'wsgo'].map((name) => toldTo(name).length)).toEqual([
      5 * EVENTS,
      EVENTS,
      EVENTS,
      EVENTS,
      EVENTS,
    ])
    for (const { headers } of toldTo('u1')) {
      expect(headers['x-hmac-signature']).toMatch(/^[0-9a-f]{64}$/)
      expect(headers['webhook-signature']).toMatch(/^v1,/)
    }
  })
})

async function readFormer(kind: DatabaseKind, url: string): Promise<Former> {
  const text = await readFile(new URL(`before-webhooks.${kind}.json`, import.meta.url), 'utf8')
  return JSON.parse(text.replaceAll(FORMER_URL, url))
}

/** Puts the rows into the schema of that release, as if they had just been written. */
async function fill({ db }: TemporaryDatabase, { tables }: Former): Promise<void> {
  while (await db('knex_migrations').where('name', '0020_webhooks').first())
    await db.migrate.down({ migrationSource })
  const writtenAt = Math.max(...(tables.events ?? []).map(({ at }) => Number(at)))
  const age = Date.now() - writtenAt
  for (const [table, rows] of Object.entries(tables)) {
    await db.batchInsert(
      table,
      rows.map((row) => aged(row, { writtenAt, age })),
    )
  }
  if (isPostgres(db))
    for (const [table, column] of Object.entries({ events: 'seq', deliveries: 'seq', attempts: 'id' }))
      await db.raw(`select setval(pg_get_serial_sequence(?, ?), (select max(${column}) from ${table}))`, [
        table,
        column,
      ])
  await migrate(db)
}

/** Instants of the last day before it was written move along; everything else stays. */
function aged(row: Record<string, unknown>, { writtenAt, age }: { writtenAt: number; age: number }) {
  const isInstant = (value: unknown) => Math.abs(Number(value) - writtenAt) < 86_400_000
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value && isInstant(value) ? Number(value) + age : value,
    ]),
  )
}
