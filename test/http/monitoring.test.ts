import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'

let app: TestApp | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

async function look(server: TestApp, path: string): Promise<unknown[]> {
  const { status, json } = await server.request('GET', path)
  return [status, json]
}

describe('a server', () => {
  test('is live and ready once it has started, for anybody and beside /health', async () => {
    app = await TestApp.start()

    expect(await look(app, '/health/live')).toEqual([200, { status: 'live' }])
    expect(await look(app, '/health/ready')).toEqual([200, { status: 'ready' }])
    expect((await app.request('HEAD', '/health/ready')).status).toBe(200)
    expect((await app.request('GET', '/health')).json).toMatchObject({ status: 'ok' })
  })

  test('is not ready while it stops', async () => {
    app = await TestApp.start()
    const { url } = app
    // A request that is still being sent keeps the server from ending.
    const upload = fetch(`${url}/chat/send/text`, {
      method: 'POST',
      headers: { token: (await app.createUser()).token },
      body: slow(),
      // Needed for bodies that are streams, and missing in the types.
      ...{ duplex: 'half' },
    }).catch(() => undefined)
    const first = await fetch(`${url}/health/ready`)
    expect(first.status).toBe(200)

    const stopped = app.close()
    app = undefined
    const refused = await fetch(`${url}/health/ready`).catch(() => undefined)

    // Either the last connection still gets the answer, or nobody is taken any more.
    if (refused) expect(refused.status).toBe(503)
    await Promise.all([stopped, upload])
  })
})

describe('a server that cannot write', () => {
  const health = (path: string) => app && look(app, path)

  test('says so to the load balancer until it can again, and stays live', async () => {
    app = await TestApp.start()
    expect(await health('/health/ready')).toEqual([200, { status: 'ready' }])

    await fillDatabase(app)

    const reason = 'the database cannot be written (SQLITE_FULL)'
    await expect.poll(() => health('/health/ready')).toEqual([503, { status: 'not ready', reason }])
    expect(await health('/health/live')).toEqual([200, { status: 'live' }])
    await app.parley.services.db.raw('pragma max_page_count = 1000000')
    await expect.poll(() => health('/health/ready')).toEqual([200, { status: 'ready' }])
  })

  test('because PostgreSQL takes no writes says so as well', async () => {
    app = await TestApp.start({ database: 'postgres' })
    expect(await health('/health/ready')).toEqual([200, { status: 'ready' }])

    await setReadOnly(app, 'on')

    const reason = 'the database cannot be written (25006)'
    await expect.poll(() => health('/health/ready')).toEqual([503, { status: 'not ready', reason }])
    expect(await health('/health/live')).toEqual([200, { status: 'live' }])
    await setReadOnly(app, 'off')
    await expect.poll(() => health('/health/ready')).toEqual([200, { status: 'ready' }])
  })
})

/** Takes the last room that the database may have, as if the disk were full. */
async function fillDatabase({ parley }: TestApp): Promise<void> {
  const { db } = parley.services
  const [{ page_count: pages }] = await db.raw('pragma page_count')
  await db.raw(`pragma max_page_count = ${pages}`)
  const fill = () => db('write_probe').insert({ filler: 'x'.repeat(100) })
  for (;;) if ((await fill().catch(() => true)) === true) return
}

/** As on a standby, or when an operator stops all writing: every connection from now on, and the end of those there are. */
async function setReadOnly({ place, parley }: TestApp, value: 'on' | 'off'): Promise<void> {
  const name = new URL(place.databaseUrl ?? '').pathname.slice(1)
  const { db } = parley.services
  await db.raw(
    `begin read write; alter database "${name}" set default_transaction_read_only = ${value}; commit`,
  )
  const end =
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = ? and pid <> pg_backend_pid()'
  await db
    .transaction(async (trx) => {
      await trx.raw(end, [name])
      // Last: it must not end before the others have.
      await trx.raw('select pg_terminate_backend(pg_backend_pid())')
    })
    .catch(() => {})
}

async function* slow(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"Phone":"1"')
  await delay(200)
  yield Buffer.from('}')
}
