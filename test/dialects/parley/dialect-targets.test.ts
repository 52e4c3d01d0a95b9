import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

describe.each(databaseKinds)('the targets of dialects on %s', (database) => {
  let app: TestApp
  let receiver: Receiver

  beforeAll(async () => {
    app = await TestApp.start({ database })
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const operate = async (method: string, path: string, body?: unknown) =>
    app.request(method, `/parley${path}`, { admin: true, body })

  /** A user whose webhook in the dialect wsgo is the receiver. */
  async function subscriber(url = receiver.url): Promise<TestUser> {
    const user = await app.createUser({ events: '' })
    await app.request('POST', '/wsgo/api/webhook', { headers: { 'X-API-Key': user.token }, body: { url } })
    return user
  }

  const connect = (user: TestUser) => app.parley.services.events.record(user.id, [{ type: 'session.open' }])

  async function deliveryOf(user: TestUser, state: string) {
    return app.waitFor(`a delivery that is ${state}`, async () => {
      const { json } = await operate('GET', `/deliveries?user=${user.id}`)
      return json.deliveries.find((one: { state: string }) => one.state === state)
    })
  }

  test('can be paused and resumed, and are listed meanwhile', async () => {
    const user = await subscriber()
    const id = `wsgo:${user.id}`

    const paused = await operate('POST', `/targets/${id}/pause`)
    await connect(user)

    expect(paused.json).toMatchObject({ id, userId: user.id, mode: 'push', pausedAt: expect.any(Number) })
    const { json } = await operate('GET', '/targets')
    expect(json.targets).toContainEqual(expect.objectContaining({ id, userId: user.id }))
    expect((await operate('GET', `/targets/${id}`)).json.waiting).toBe(1)
    await operate('POST', `/targets/${id}/resume`)
    expect(await deliveryOf(user, 'delivered')).toMatchObject({ target: 'wsgo', attempts: 1 })
  })

  test('say what was sent and answered, without secrets', async () => {
    const user = await subscriber(`${receiver.url}?secret=shibboleth-123`)
    receiver.answerBy(({ path }) => (path.includes('shibboleth') ? 410 : undefined))
    receiver.answer(200, {}, `no shibboleth-123 for ${user.token}`)

    await connect(user)

    const dead = await deliveryOf(user, 'dead')
    const { json } = await operate('GET', `/deliveries/${dead.id}`)
    expect(json.answer).toBe('no [redacted] for [redacted]')
    expect(json.log).toEqual([
      expect.objectContaining({ status: 410, request: '{"event":"connected","data":{}}' }),
    ])
    receiver.answer(200)
    receiver.answerBy(() => 200)
    const redriven = await operate('POST', `/targets/wsgo:${user.id}/redrive`, {})
    expect(redriven.json).toEqual({ deliveries: 1 })
    await deliveryOf(user, 'delivered')
  })

  test('are signed with a secret of their own', async () => {
    const user = await subscriber(`${receiver.url}/signed`)
    const own = await app.request('POST', '/parley/me/secret?target=wsgo', { token: user.token, body: {} })
    expect((await app.get('/parley/me/secret', user.token)).status).toBe(404)

    await connect(user)

    const { headers, body } = await app.waitFor('the request', () =>
      receiver.requests.find(({ path }) => path === '/webhook/signed'),
    )
    const key = Buffer.from(own.json.secret.slice('whsec_'.length), 'base64')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    )
  })

  test('can be pulled from, without an address', async () => {
    const user = await app.createUser({ events: '' })
    const mode = await app.request('PUT', '/parley/me/mode?target=wsgo', {
      token: user.token,
      body: { mode: 'pull' },
    })
    expect(mode.json).toMatchObject({ id: `wsgo:${user.id}`, mode: 'pull' })
    await connect(user)

    const [pulled] = await app.waitFor('the delivery', async () => {
      const { json } = await app.get('/parley/me/deliveries/lease?target=wsgo', user.token)
      return json.deliveries.length > 0 ? json.deliveries : undefined
    })

    expect(pulled.body).toBe('{"event":"connected","data":{}}')
    expect((await app.get('/parley/me/deliveries/lease', user.token)).status).toBe(409)
    const acknowledged = await app.request('POST', '/parley/me/deliveries/ack?target=wsgo', {
      token: user.token,
      body: { ids: [pulled.id] },
    })
    expect(acknowledged.json).toEqual({ acknowledged: [pulled.id], refused: [] })
  })

  test('of other users, and shared ones, are out of reach', async () => {
    const [user, victim] = [await subscriber(), await subscriber()]
    const names = [`user:${victim.id}`, `wsgo:${victim.id}`, 'global', 'amqp', 'parley', 'constructor', '']

    for (const name of names) {
      const query = `?target=${encodeURIComponent(name)}`
      const asked = { token: user.token, body: { mode: 'pull', ids: ['x'] } }
      for (const [method, path] of [
        ['GET', '/me/target'],
        ['PUT', '/me/mode'],
        ['GET', '/me/secret'],
        ['POST', '/me/secret'],
        ['DELETE', '/me/secret'],
        ['GET', '/me/deliveries/lease'],
        ['POST', '/me/deliveries/ack'],
      ] as const) {
        const answer = await app.request(method, `/parley${path}${query}`, {
          ...asked,
          ...(method === 'GET' && { body: undefined }),
        })
        expect([name, path, answer.status]).toEqual([name, path, 404])
      }
    }
    for (const kind of ['user', 'wsgo'])
      expect((await operate('GET', `/targets/${kind}:${victim.id}`)).json).toMatchObject({ mode: 'push' })
  })

  test.each(['nobody', 'parley', 'constructor'])('there is none of the dialect %s', async (kind) => {
    const { id } = await app.createUser()

    expect((await operate('GET', `/targets/${kind}:${id}`)).status).toBe(404)
  })
})
