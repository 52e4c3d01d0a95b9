import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { type ReceivedRequest, type Receiver, startReceiver } from '../../helpers/receiver.ts'

describe('targets for operators', () => {
  let app: TestApp
  let receiver: Receiver
  let user: TestUser
  let path: string

  beforeAll(async () => {
    app = await TestApp.start({ env: { WEBHOOK_RETRY_ENABLED: 'false' } })
    receiver = await startReceiver()
    user = await app.createUser({ webhook: receiver.url, events: '' })
    path = `/targets/user:${user.id}`
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  const ask = (method: string, at: string, body?: unknown) =>
    app.request(method, `/parley${at}`, { admin: true, body })
  const sendTest = async () => (await ask('POST', `/users/${user.id}/test-event`)).json.deliveries[0].id
  const delivery = async (id: string) => (await ask('GET', `/deliveries/${id}`)).json
  const inState = (id: string, state: string) =>
    app.waitFor(`the delivery to be ${state}`, async () => {
      const found = await delivery(id)
      return found.state === state && found
    })

  test('a target on which all is well says so', async () => {
    const answer = await ask('GET', path)

    expect(answer.json).toEqual({
      id: `user:${user.id}`,
      userId: user.id,
      mode: 'push',
      breaker: { state: 'closed' },
      waiting: 0,
    })
  })

  test('pausing makes deliveries wait, and resuming sends them', async () => {
    const paused = await ask('POST', `${path}/pause`)
    const id = await sendTest()
    const listed = (await ask('GET', '/targets')).json.targets
    const seen = receiver.requests.length

    const resumed = await ask('POST', `${path}/resume`)

    await inState(id, 'delivered')
    expect(paused.json.pausedAt).toBeGreaterThan(0)
    expect(listed).toMatchObject([{ id: `user:${user.id}`, waiting: 1 }])
    expect(resumed.json.pausedAt).toBeUndefined()
    expect(receiver.requests).toHaveLength(seen + 1)
  })

  test('the details of a delivery tell each attempt, without secrets', async () => {
    receiver.answer(500, {}, `no ${user.token}!`)
    const id = await sendTest()
    const dead = await inState(id, 'dead')
    receiver.answer(200)

    expect(dead.latencyMs).toBeGreaterThanOrEqual(0)
    expect(dead.log).toMatchObject([{ status: 500, answer: 'no [redacted]!' }])
    expect(dead.log[0].request).toContain('jsonData=')
  })

  test('what was given up in a time range is made again, and nothing else', async () => {
    receiver.answer(500)
    const early = await sendTest()
    const { createdAt } = await inState(early, 'dead')
    const from = await app.waitFor('the clock', () => Date.now() > createdAt && Date.now())
    const late = await sendTest()
    await inState(late, 'dead')
    receiver.answer(200)

    const answer = await ask('POST', '/deliveries/redrive', { user: user.id, from })

    expect(answer.json).toEqual({ deliveries: 1 })
    await inState(late, 'delivered')
    expect(await delivery(early)).toMatchObject({ state: 'dead' })
  })

  test('a target is redriven as a whole', async () => {
    const dead = (await ask('GET', `/deliveries?state=dead&user=${user.id}`)).json.deliveries

    const answer = await ask('POST', `${path}/redrive`)

    expect(answer.json).toEqual({ deliveries: dead.length })
    await app.waitFor('all to be delivered', async () => {
      const { deliveries } = (await ask('GET', `/deliveries?user=${user.id}`)).json
      return deliveries.every(({ state }: { state: string }) => state === 'delivered')
    })
  })

  test('what was delivered can be replayed', async () => {
    const { deliveries } = (await ask('GET', `/deliveries?state=delivered&user=${user.id}`)).json
    const seen = receiver.requests.length

    const answer = await ask('POST', `${path}/redrive`, { state: 'delivered' })

    expect(answer.json).toEqual({ deliveries: deliveries.length })
    await receiver.attempts(seen + deliveries.length)
  })

  describe('with a secret of Standard Webhooks', () => {
    const verify = (secret: string, { body, headers }: Pick<ReceivedRequest, 'body' | 'headers'>) =>
      // The package takes the headers one by one, and Node's own are never repeated.
      new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false })
    const next = async () => {
      const id = await sendTest()
      await inState(id, 'delivered')
      const found = receiver.requests.find(({ headers }) => headers['webhook-id'] === id)
      if (!found) throw new Error('no request')
      return found
    }

    test('the headers are verified by the standardwebhooks package', async () => {
      const { secret } = (await ask('POST', `${path}/secret`)).json

      const request = await next()

      expect(secret).toMatch(/^whsec_/)
      verify(secret, request)
      expect(() => verify('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', request)).toThrow(/signature/)
    })

    test('a body in the default format, a form, is verified by the package when it is told to read no JSON', async () => {
      const { secret } = (await ask('POST', `${path}/secret`)).json

      const { body, headers } = await next()
      const plainly = () => new Webhook(secret).verify(body, headers as Record<string, string>)

      expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
      verify(secret, { body, headers })
      // The signature is right; what fails is reading the form as JSON afterwards.
      expect(plainly).toThrow(SyntaxError)
    })

    test('a body in JSON is verified and read by the package as it stands', async () => {
      const { secret } = (await ask('POST', `${path}/secret`)).json
      const set = (format: string) =>
        app.request('PUT', '/parley/me/webhooks?target=user', { token: user.token, body: { format } })
      await set('json')

      const { body, headers } = await next()

      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        type: 'Test',
      })
      await set('form')
    })

    test('both secrets are valid after a rotation, for as long as wanted', async () => {
      const old = (await ask('GET', `${path}/secret`)).json.secret

      const rotated = (await ask('POST', `${path}/secret`, { graceSeconds: 3600 })).json
      const request = await next()
      const alone = (await ask('POST', `${path}/secret`, { graceSeconds: 0 })).json
      const later = await next()

      expect(rotated).toMatchObject({ previous: old })
      verify(old, request)
      verify(rotated.secret, request)
      expect(alone).toEqual({ secret: alone.secret })
      verify(alone.secret, later)
      expect(() => verify(rotated.secret, later)).toThrow(/signature/)
    })

    test("users manage their own, beside wuzapi's signature", async () => {
      const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
      await app.post('/session/hmac/config', user.token, { hmac_key: 'k'.repeat(32) })

      await app.post('/parley/me/secret', user.token, { secret })
      const request = await next()

      expect((await app.get('/parley/me/secret', user.token)).json.secret).toBe(secret)
      verify(secret, request)
      expect(request.headers['x-hmac-signature']).toMatch(/^[0-9a-f]{64}$/)
    })

    test('without it nothing is signed', async () => {
      const removed = await app.request('DELETE', '/parley/me/secret', { token: user.token })

      expect(removed.status).toBe(200)
      expect((await next()).headers['webhook-signature']).toBeUndefined()
      expect((await ask('GET', `${path}/secret`)).status).toBe(404)
    })
  })

  test.each([
    ['GET', '/targets/unknown', undefined, 404, 'there is no such target'],
    ['GET', '/targets/global', undefined, 404, 'there is no such target'],
    ['GET', '/targets/user:unknown', undefined, 404, 'there is no such target'],
    ['PUT', '/targets/global/mode', { mode: 'pull' }, 409, 'only the target of a user can be pulled from'],
    ['POST', '/deliveries/redrive', { state: 'lost' }, 400, 'state must be one of dead, delivered, dropped'],
    ['GET', '/deliveries/unknown', undefined, 404, 'there is no such delivery'],
  ])('%s %s %j answers %i', async (method, at, body, status, error) => {
    const answer = await ask(method, at, body)

    expect(answer.status).toBe(status)
    expect(answer.json).toEqual({ error })
  })

  test('a secret that is none is refused', async () => {
    const answer = await ask('POST', `${path}/secret`, { secret: 'whsec_short' })

    expect(answer.status).toBe(400)
    expect(answer.json).toEqual({ error: 'secret must be whsec_ and the base64 of 24 to 64 bytes' })
  })
})
