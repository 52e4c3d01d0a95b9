import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

describe.each(databaseKinds)('how users are doing, on %s', (database) => {
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ database })
    receiver = await startReceiver()
    user = await app.linkedUser({ name: 'Ada', webhook: `${receiver.url}/hook?key=secret` })
    await receiver.next('Connected')
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const ask = async (path: string) => (await app.request('GET', `/parley${path}`, { admin: true })).json
  const own = async (path: string, token = user.token) => (await app.get(`/parley${path}`, token)).json
  const kinds = async (path: string) => (await ask(path)).events.map(({ kind }: { kind: string }) => kind)

  test('is told of all of them, in lists and in numbers', async () => {
    const idle = await app.createUser({ name: 'Grace' })
    // What is told while it is linked is answered sooner or later.
    const { users, totals, shared } = await app.waitFor('all that is told', async () => {
      const overview = await ask('/overview')
      return overview.totals.waiting === 0 && overview
    })

    expect(users).toMatchObject([
      {
        id: user.id,
        name: 'Ada',
        state: 'open',
        linked: true,
        wanted: true,
        webhooks: [
          { target: 'user', host: new URL(receiver.url).host, state: 'answering', waiting: 0, dead: 0 },
        ],
        failedMessages: 0,
        attention: [],
      },
      { id: idle.id, state: 'idle', linked: false, webhooks: [], attention: [] },
    ])
    expect(shared).toEqual([])
    expect(totals).toEqual({
      users: 2,
      linked: 1,
      needAttention: 0,
      failingReceivers: 0,
      waiting: 0,
      dead: 0,
    })
    await expect.poll(() => ask('/overview/totals')).toEqual(totals)
    expect(JSON.stringify(users)).not.toContain('secret')
  })

  test('is told to each user of itself alone', async () => {
    const other = await app.createUser({ name: 'Lin' })

    expect(await own('/me/overview')).toMatchObject({ id: user.id, linked: true })
    expect(await own('/me/overview', other.token)).toMatchObject({ id: other.id, linked: false })
    expect(await own('/me/timeline', other.token)).toEqual({ events: [] })
    expect((await own('/me/series', other.token)).total.sent).toBe(0)
  })

  test('is a timeline from the scan to the end of the connection', async () => {
    await app.waitFor('the notes', async () =>
      (await kinds(`/users/${user.id}/timeline`)).includes('connected'),
    )

    expect((await kinds(`/users/${user.id}/timeline`)).slice(-3)).toEqual(['connected', 'paired', 'scan'])

    const leaver = await app.linkedUser({ name: 'Leaves' })
    await app.post('/session/disconnect', leaver.token)
    await app.waitFor('its end', async () => (await kinds(`/users/${leaver.id}/timeline`))[0] === 'stopped')
    const { events } = await own('/me/timeline?limit=1', leaver.token)
    expect(events).toMatchObject([{ kind: 'stopped', times: 1 }])
    expect((await own(`/me/timeline?before=${events[0].at}`, leaver.token)).events.length).toBeGreaterThan(0)
  })

  test('asks for a person when the phone has removed the device, until it is linked again', async () => {
    const lost = await app.linkedUser({ name: 'Lost' })
    await app.sandbox('POST', '/unlink', { jid: `${lost.phone}@s.whatsapp.net` })

    const found = await app.waitFor('the need', async () => {
      const { attention, last } = await own('/me/overview', lost.token)
      return attention.length > 0 && { attention, last }
    })

    expect(found).toMatchObject({ attention: ['session'], last: { kind: 'logged_out', code: 401 } })
    expect((await ask('/overview/totals')).needAttention).toBe(1)
    await app.link(lost)
    await app.waitFor('the end of the need', async () => {
      const { attention, linked } = await own('/me/overview', lost.token)
      return linked && attention.length === 0
    })
  })

  test('asks for a person while a webhook fails, with its last answer', async () => {
    receiver.answer(503, {}, 'no room')
    const before = Date.now()
    await app.request('POST', `/parley/users/${user.id}/test-event`, { admin: true })
    await app.waitFor('the second attempt', async () => (await own('/me/overview')).attention.length > 0)

    const { webhooks, attention } = await own('/me/overview')

    expect(attention).toEqual(['webhook'])
    expect(webhooks).toMatchObject([{ state: 'failing', status: 503, reason: 'no room', waiting: 1 }])
    expect(Math.abs(webhooks[0].since - before)).toBeLessThan(60_000)
    expect((await ask('/overview/totals')).failingReceivers).toBe(1)

    receiver.answer(200)
    await app.request('POST', `/parley/targets/user:${user.id}/redrive`, { admin: true, body: {} })
    await app.waitFor('the end of the need', async () => (await own('/me/overview')).attention.length === 0)
  })

  test('says so of a webhook that is paused or fetches by itself, and asks for nobody', async () => {
    await app.request('POST', `/parley/targets/user:${user.id}/pause`, { admin: true })
    expect((await own('/me/overview')).webhooks).toMatchObject([{ state: 'paused' }])

    await app.request('POST', `/parley/targets/user:${user.id}/resume`, { admin: true })
    expect(await own('/me/overview')).toMatchObject({ webhooks: [{ state: 'answering' }], attention: [] })
  })

  test('is counted over time: messages that came and went, requests to webhooks', {
    timeout: 60_000,
  }, async () => {
    const phone = await app.contact('4915550001111')
    await app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, text: 'hello' })
    await receiver.next('Message')
    const sent = await app.post('/chat/send/text', user.token, { Phone: phone, Body: 'hello you' })
    expect(sent.status).toBe(200)

    const hour = await app.waitFor(
      'the figures',
      async () => {
        const known = await own('/me/series?span=hour')
        return known.total.received > 0 && known.total.sent > 0 && known
      },
      40_000,
    )

    expect(hour).toMatchObject({ span: 'hour', stepSeconds: 60, total: { received: 1, sent: 1, failed: 0 } })
    expect(hour.points).toHaveLength(60)
    expect(hour.total.attempts).toBeGreaterThan(hour.total.failures)
    expect(hour.total.p95Ms).toBeGreaterThanOrEqual(hour.total.p50Ms)
    const day = await ask(`/users/${user.id}/series?span=day`)
    expect(day.points).toHaveLength(24)
    expect(day.total).toEqual(hour.total)
    expect((await ask('/series?span=week')).points).toHaveLength(168)
    expect((await ask('/series')).total.received).toBeGreaterThanOrEqual(1)
  })

  test('refuses what it does not know', async () => {
    const wrong = await app.request('GET', '/parley/series?span=year', { admin: true })
    const nobody = await app.request('GET', '/parley/users/nobody/timeline', { admin: true })
    const foreign = await app.get('/parley/overview', user.token)

    expect([wrong.status, wrong.json]).toEqual([400, { error: 'span must be one of hour, day, week' }])
    expect(nobody.status).toBe(404)
    expect(foreign.status).toBe(401)
  })
})

test('what was counted and noted is there after a restart', { timeout: 120_000 }, async () => {
  const app = await TestApp.start()
  const user = await app.linkedUser()
  const phone = await app.contact('4915550002222')
  await app.post('/chat/send/text', user.token, { Phone: phone, Body: 'before' })
  await app.stop()

  const again = await TestApp.start({ reuse: app.place })

  const { total } = (await again.get('/parley/me/series', user.token)).json
  const { events } = (await again.get('/parley/me/timeline', user.token)).json
  expect(total.sent).toBe(1)
  expect(events.map(({ kind }: { kind: string }) => kind)).toContain('left')
  await again.stop()
  await app.close()
})

test('every node says the same of all users, and adds to the same figures', {
  timeout: 120_000,
}, async () => {
  const north = await TestApp.start({ database: 'postgres', env: { NODE_ID: 'north' } })
  const ada = await north.linkedUser({ name: 'Ada' })
  const south = await TestApp.start({ reuse: north.place, env: { NODE_ID: 'south' } })
  const grace = await south.linkedUser({ name: 'Grace' })
  const read = async (app: TestApp, path: string) =>
    (await app.request('GET', `/parley${path}`, { admin: true })).json
  for (const [app, { token, phone }] of [
    [north, ada],
    [south, grace],
  ] as const)
    await app.post('/chat/send/text', token, { Phone: phone, Body: 'to myself' })

  await north.waitFor('both sessions', async () => {
    const all = [await read(north, '/overview/totals'), await read(south, '/overview/totals')]
    return all.every(({ users, linked }) => users === 2 && linked === 2)
  })

  await north.waitFor('the sum', async () => (await read(south, '/series')).total.sent === 2)
  const { events } = await read(north, `/users/${grace.id}/timeline`)
  expect(events).toMatchObject([{ kind: 'connected', node: 'south' }, {}, {}])
  await south.close()
  await north.close()
})
