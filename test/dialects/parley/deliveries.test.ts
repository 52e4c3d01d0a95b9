import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

describe('deliveries for operators', () => {
  let app: TestApp
  let receiver: Receiver
  let user: TestUser

  beforeAll(async () => {
    app = await TestApp.start({ env: { WEBHOOK_RETRY_ENABLED: 'false', WEBHOOK_TOKEN: 'true' } })
    receiver = await startReceiver()
    user = await app.createUser({ webhook: receiver.url, events: '' })
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const ask = (method: string, path: string) => app.request(method, `/parley${path}`, { admin: true })
  const settled = (id: string) =>
    app.waitFor('the delivery to be settled', async () => {
      const { deliveries } = (await ask('GET', `/deliveries?user=${user.id}`)).json
      return deliveries.find((one: { id: string; state: string }) => one.id === id && one.state !== 'pending')
    })

  test('are for the admin token only', async () => {
    const answer = await app.request('GET', '/parley/deliveries', { token: user.token })

    expect(answer.status).toBe(401)
    expect(answer.json).toEqual({ error: 'unauthorized' })
  })

  test('a test event reaches a user who subscribed to nothing', async () => {
    const answer = await ask('POST', `/users/${user.id}/test-event`)

    const request = await receiver.next('Test')
    expect(answer.status).toBe(200)
    expect(answer.json.deliveries).toMatchObject([{ target: 'user', type: 'test', userId: user.id }])
    expect(request.headers['webhook-id']).toBe(answer.json.deliveries[0].id)
    expect(await settled(answer.json.deliveries[0].id)).toMatchObject({
      state: 'delivered',
      attempts: 1,
      status: 200,
    })
  })

  test('a delivery that was given up shows its answer without secrets, and is made again', async () => {
    receiver.answer(500, {}, `no ${user.token}!`)
    const { id } = (await ask('POST', `/users/${user.id}/test-event`)).json.deliveries[0]
    const dead = await settled(id)
    receiver.answer(200)

    const again = await ask('POST', `/deliveries/${id}/redeliver`)

    expect(dead).toMatchObject({ state: 'dead', attempts: 1, status: 500, answer: 'no [redacted]!' })
    expect(again.json).toMatchObject({ id, state: 'pending', attempts: 0 })
    expect(await settled(id)).toMatchObject({ state: 'delivered', attempts: 1 })
    const received = receiver.requests.filter(({ headers }) => headers['webhook-id'] === id)
    expect(received).toHaveLength(2)
  })

  test('a list can be narrowed and continued', async () => {
    const first = (await ask('GET', `/deliveries?user=${user.id}&limit=1`)).json.deliveries
    const second = (await ask('GET', `/deliveries?user=${user.id}&limit=1&before=${first[0].seq}`)).json
    const dead = (await ask('GET', '/deliveries?state=dead')).json

    expect(first).toHaveLength(1)
    expect(second.deliveries[0].seq).toBeLessThan(first[0].seq)
    expect(dead.deliveries).toEqual([])
  })

  test.each([
    ['GET', '/deliveries?state=lost', 400, 'state must be one of pending, delivered, dropped, dead'],
    ['GET', '/deliveries?limit=0', 400, 'limit must be a whole number from 1 to 500'],
    ['POST', '/deliveries/unknown/redeliver', 404, 'there is no such delivery'],
    ['POST', '/users/unknown/test-event', 404, 'user not found'],
  ])('%s %s answers %i', async (method, path, status, error) => {
    const answer = await ask(method, path)

    expect(answer.status).toBe(status)
    expect(answer.json).toEqual({ error })
  })

  test('a test event without a receiver is refused', async () => {
    const silent = await app.createUser({})

    const answer = await ask('POST', `/users/${silent.id}/test-event`)

    expect(answer.status).toBe(409)
    expect(answer.json).toEqual({ error: 'this user has no webhook' })
  })

  test('a secret is not kept however a receiver, or a form, has escaped it', async () => {
    const token = 'tok&en<"\'+ é/>%41'
    const body = JSON.stringify({ events: 'All', webhook: receiver.url, name: 'odd', token })
    const { id: odd } = (await app.request('POST', '/admin/users', { admin: true, body })).json.data
    const json = JSON.stringify(token).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
    const spellings = [
      json,
      encodeURIComponent(token),
      new URLSearchParams({ token }).toString(),
      encodeURIComponent(json).toLowerCase(),
      token.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`),
      `Basic ${Buffer.from(`me:${token}`).toString('base64')}`,
    ]
    receiver.answer(500, {}, spellings.join(' | '))
    const { id } = (await ask('POST', `/users/${odd}/test-event`)).json.deliveries[0]
    await app.waitFor('the delivery to be given up', async () => {
      const { json: found } = await ask('GET', `/deliveries/${id}`)
      return found.state === 'dead'
    })
    receiver.answer(200)

    const { answer, log } = (await ask('GET', `/deliveries/${id}`)).json
    const rows = await app.parley.services.db('attempts').select('request', 'answer')

    expect(answer.split(' | ')).toEqual([
      '"[redacted]"',
      '[redacted]',
      'token=[redacted]',
      '%22[redacted]%22',
      '[redacted]',
      expect.stringMatching(/^Basic bWU\W?\[redacted\]/),
    ])
    for (const kept of [answer, ...log, ...rows].map((one) => JSON.stringify(one)))
      expect(kept).not.toMatch(/en(<|\\\\?u003c|%3c|&#60|%5cu003c)/i)
  })
})
