import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { markRemoved } from '../../src/store/users/removals.ts'
import { type AppOptions, type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { call } from '../load/client.ts'

const STILL_LINKED = /under Linked devices$/

describe.each(databaseKinds)('deleting a user on %s', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start({ database, env: { API_KEY: 'test-api-key' } })
  })
  afterAll(() => app.close())

  async function linkedDevices({ phone }: LinkedUser): Promise<unknown[]> {
    const { accounts } = await app.sandbox('GET', '/state')
    return accounts.find((one: { phone: string }) => one.phone === phone).devices
  }

  async function disconnected(fields: Record<string, unknown> = {}): Promise<LinkedUser> {
    const user = await app.linkedUser(fields)
    await app.post('/session/disconnect', user.token)
    return user
  }

  test.each(['', '/full'])(
    'that is not connected unlinks its phone: DELETE /admin/users/{id}%s',
    async (suffix) => {
      const user = await disconnected()

      const { status, json } = await app.request('DELETE', `/admin/users/${user.id}${suffix}`, {
        admin: true,
      })

      expect([status, json.unlinked, await linkedDevices(user)]).toEqual([200, 'yes', []])
      expect(await app.parley.services.db('users').where('id', user.id)).toEqual([])
    },
  )

  test('that is not connected unlinks its phone: GET /session/terminate/{id}', async () => {
    const user = await disconnected({ name: 'stopped' })

    const { json } = await app.request('GET', '/wago-api/session/terminate/stopped', {
      headers: { 'x-api-key': 'test-api-key' },
    })

    expect(json).toEqual({ success: true, message: 'Logged out successfully', unlinked: 'yes' })
    expect(await linkedDevices(user)).toEqual([])
  })

  test('that is not connected unlinks its phone: GET /session/terminateInactive', async () => {
    const user = await disconnected({ name: 'inactive' })

    const { json } = await app.request('GET', '/wago-api/session/terminateInactive', {
      headers: { 'x-api-key': 'test-api-key' },
    })

    expect(json).toEqual({ success: true, message: 'Flush completed successfully' })
    expect(await linkedDevices(user)).toEqual([])
  })

  test('that has no phone has nothing to tell', async () => {
    const user = await app.createUser()

    const { json } = await app.request('DELETE', `/admin/users/${user.id}`, { admin: true })

    expect(json).toMatchObject({ details: 'user deleted successfully', unlinked: 'not_linked' })
  })

  test('whose phone cannot be told happens all the same, soon, and says what to do', async () => {
    const user = await disconnected()
    const jid = `${user.phone}@s.whatsapp.net`
    const fault = await app.sandbox('POST', '/faults', { kind: 'refuse-login', reason: 503, jid })
    const startedAt = performance.now()

    const deleting = app.request('DELETE', `/admin/users/${user.id}`, { admin: true })
    // Long before it is over nobody knows the user any more.
    await app.waitFor(
      'the token to end',
      async () => (await app.get('/session/status', user.token)).status === 401,
    )
    const meanwhile = await app.request('GET', `/admin/users/${user.id}`, { admin: true })
    const { status, json } = await deleting

    expect(fault).toBeDefined()
    expect(meanwhile.json.data).toEqual([])
    expect([status, json.unlinked]).toEqual([200, 'unreachable'])
    expect(json.details).toMatch(STILL_LINKED)
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(await app.parley.services.db('auth').where('user_id', user.id)).toEqual([])
  }, 60_000)

  test('whose account does not answer says so, though its session is open', async () => {
    const user = await app.linkedUser()
    const jid = `${user.phone}@s.whatsapp.net`
    await app.sandbox('POST', '/faults', { kind: 'ignore-query', xmlns: 'md', jid })

    const { json } = await app.request('DELETE', `/admin/users/${user.id}`, { admin: true })

    expect(json).toMatchObject({ success: true, unlinked: 'unreachable' })
  })

  test('twice at the same moment finds it once', async () => {
    const user = await disconnected()

    const answers = await Promise.all(
      [1, 2].map(() => app.request('DELETE', `/admin/users/${user.id}`, { admin: true })),
    )

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404])
  })
})

describe('deleting a user whose node looks at the row', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start({ database: 'postgres' })
  })
  afterAll(() => app.close())

  test.each(['connected', 'on its way'])('before it is told more unlinks its phone: %s', async (how) => {
    const user = await app.linkedUser()
    const { db } = app.parley.services
    const jid = `${user.phone}@s.whatsapp.net`
    if (how === 'on its way') await app.sandbox('POST', '/disconnect', { jid, drop: true })
    const tell = await holdRequests()

    const deleting = app.request('DELETE', `/admin/users/${user.id}`, { admin: true })
    await app.waitFor('the session to end', async () => {
      const row = await db('users').where('id', user.id).first('owner')
      return row.owner === null
    })
    await tell()
    const { json } = await deleting

    const { accounts } = await app.sandbox('GET', '/state')
    const { devices } = accounts.find((one: { phone: string }) => one.phone === user.phone)
    expect([json.unlinked, devices]).toEqual(['yes', []])
    expect(await db('users').where('id', user.id)).toEqual([])
  })

  /** Holds back what tells the node of a session that it is to end, until the function that it resolves with is called. */
  async function holdRequests(): Promise<() => Promise<void>> {
    const { db } = app.parley.services
    await db.raw(`
      create or replace function hold_request() returns trigger language plpgsql as $$
      begin
        if current_query() like 'update "users" set "wanted"%"unlink"%' then
          perform pg_advisory_xact_lock_shared(1);
        end if;
        return null;
      end $$;
      create or replace trigger hold_request before update on users
        for each statement execute function hold_request();
    `)
    const lock = await db.transaction()
    await lock.raw('select pg_advisory_xact_lock(1)')
    return async () => void (await lock.commit())
  }
})

describe.each(databaseKinds)('a removal that was interrupted, on %s', (database) => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.stop())

  const start = (options: AppOptions) =>
    TestApp.start({ ...options, env: { WHATSAPP_NETWORK: sandbox.url, ENCRYPTION_KEY: 'one for both' } })

  test('is finished by the next process, and the phone is told', async () => {
    const before = await start({ database })
    const user = await before.createUser()
    await before.post('/session/connect', user.token, { Immediate: true })
    const { sessions, db, secrets } = before.parley.services
    const qr = await before.waitFor('a code', () => sessions.find(user.id)?.status.qr)
    await call(`${sandbox.controlUrl}/sandbox/scan`, { body: { qr, phone: '447700900123', name: 'Phone' } })
    await before.waitFor('the session to open', () => sessions.find(user.id)?.status.loggedIn)
    const anHourAgo = Date.now() - 3_600_000
    // As a process leaves it that is killed at this moment.
    await markRemoved(db, secrets, user.id, { files: false, now: anHourAgo })
    await before.stop()

    const after = await start({ reuse: before.place })

    await after.waitFor('the row to go', async () => (await after.parley.services.db('users')).length === 0)
    const [account] = [sandbox.network.findAccount('447700900123')]
    expect([...(account?.devices.keys() ?? [])]).toEqual([0])
    await after.stop()
    await before.close()
  }, 60_000)
})
