import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

describe.each(databaseKinds)('webhooks of a user on %s', (database) => {
  let app: TestApp
  let receiver: Receiver

  beforeAll(async () => {
    app = await TestApp.start({ database })
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await app.stop()
    await receiver.close()
  })

  const add = (user: TestUser, body: object) => app.post('/parley/me/webhooks', user.token, body)
  const all = async (user: TestUser) => (await app.get('/parley/me/webhooks', user.token)).json.webhooks
  const at = (target: string) => `/parley/me/webhooks?target=${encodeURIComponent(target)}`
  const toldAt = (name: string) => receiver.requests.filter(({ path }) => path === `/webhook/${name}`)

  test('everybody has one of each dialect, and may have further ones in any of them', async () => {
    const user = await app.createUser({ webhook: `${receiver.url}/first` })

    const { status, json } = await add(user, {
      slot: 'user',
      url: `${receiver.url}/second`,
      events: ['Message'],
    })

    expect(status).toBe(200)
    expect(json).toEqual({
      target: expect.stringMatching(/^user\/[0-9a-f]{8}$/),
      url: `${receiver.url}/second`,
      events: ['Message'],
      hasHmacKey: false,
      headers: [],
    })
    expect((await all(user)).map(({ target, url }: Record<string, string>) => [target, url])).toEqual([
      ['multisession', ''],
      ['user', `${receiver.url}/first`],
      [json.target, `${receiver.url}/second`],
      ['wago', ''],
      ['wago-api', ''],
      ['wsgo', ''],
    ])
  })

  test('a test goes to one alone, in the words of its dialect, signed with its key and with its headers', async () => {
    const user = await app.createUser({ webhook: `${receiver.url}/not` })
    const { json } = await add(user, {
      slot: 'user',
      url: `${receiver.url}/tried`,
      format: 'json',
      hmacKey: 'k'.repeat(32),
      headers: { 'X-Tenant': 'seven' },
    })
    const secret = await app.post(
      `/parley/me/secret?target=${encodeURIComponent(json.target)}`,
      user.token,
      {},
    )

    const answer = await app.post(`${at(json.target).replace('?', '/test?')}`, user.token)

    expect(answer.json.deliveries.map(({ target }: { target: string }) => target)).toEqual([json.target])
    await expect.poll(() => toldAt('tried').length).toBe(1)
    const { headers = {}, body = '' } = toldAt('tried')[0] ?? {}
    expect(headers).toMatchObject({ 'x-tenant': 'seven', 'content-type': 'application/json' })
    expect(headers['x-hmac-signature']).toMatch(/^[0-9a-f]{64}$/)
    expect(headers['webhook-signature']).toMatch(/^v1,/)
    expect(secret.json.secret).toMatch(/^whsec_/)
    expect(JSON.parse(body).type).toBe('Test')
    expect(toldAt('not')).toEqual([])
  })

  test('each has its own subscriptions, log, pause and mode', async () => {
    const user = await app.linkedUser({ webhook: `${receiver.url}/all-${database}`, events: 'All' })
    const some = await add(user, {
      slot: 'user',
      url: `${receiver.url}/some-${database}`,
      events: ['Message'],
    })
    const pulled = await add(user, { slot: 'user', url: `${receiver.url}/never`, events: ['Message'] })
    await app.request('PUT', `/parley/me/mode?target=${pulled.json.target}`, {
      token: user.token,
      body: { mode: 'pull' },
    })
    const id = `${pulled.json.target.replace('/', `:${user.id}/`)}`
    expect(
      (await app.request('GET', `/parley/targets/${encodeURIComponent(id)}`, { admin: true })).json.mode,
    ).toBe('pull')

    await app.sandbox('POST', '/contacts', { phone: '4915550001111', name: 'Ada' })
    await app.sandbox('POST', '/contacts/4915550001111/send', { to: user.phone, text: 'to three' })

    const texts = (name: string) => toldAt(name).filter(({ body }) => body.includes('to+three'))
    await expect.poll(() => texts(`some-${database}`).length).toBe(1)
    await expect.poll(() => texts(`all-${database}`).length).toBe(1)
    expect(new Set(toldAt(`some-${database}`).map(({ event }) => event.type))).toEqual(new Set(['Message']))
    expect(toldAt(`all-${database}`).map(({ event }) => event.type)).toContain('Connected')
    const leased: string[] = []
    await expect
      .poll(async () => {
        const lease = await app.get(`/parley/me/deliveries/lease?target=${pulled.json.target}`, user.token)
        leased.push(...lease.json.deliveries.map(({ body }: { body: string }) => body))
        return leased.filter((body) => body.includes('to three')).length
      })
      .toBe(1)
    const log = await app.get(`/parley/me/deliveries?target=${some.json.target}`, user.token)
    expect(new Set(log.json.deliveries.map(({ target }: { target: string }) => target))).toEqual(
      new Set([some.json.target]),
    )
    // It was pushed for a moment, in which the phone may have written.
    expect(toldAt('never').filter(({ body }) => body.includes('to+three'))).toEqual([])
  })

  test('one that is removed gets nothing more and is nowhere', async () => {
    const user = await app.createUser()
    const { json } = await add(user, { slot: 'wsgo', url: `${receiver.url}/gone` })

    await app.request('DELETE', at(json.target), { token: user.token })

    expect((await all(user)).map(({ target }: { target: string }) => target)).not.toContain(json.target)
    expect((await app.get(`/parley/me/target?target=${json.target}`, user.token)).status).toBe(404)
    expect((await app.post(at(json.target).replace('?', '/test?'), user.token)).status).toBe(404)
  })

  test('what is set is changed, and the rest stays', async () => {
    const user = await app.createUser()
    const { json } = await add(user, { slot: 'user', url: `${receiver.url}/one`, events: ['Message'] })

    const changed = await app.request('PUT', at(json.target), {
      token: user.token,
      body: { url: `${receiver.url}/two` },
    })

    expect(changed.json).toMatchObject({
      target: json.target,
      url: `${receiver.url}/two`,
      events: ['Message'],
    })
  })

  test.each([
    [{ slot: 'nobody', url: 'https://example.com/' }, 404, 'no dialect has such webhooks'],
    [{ slot: 'user' }, 400, 'url is required'],
    [{ slot: 'user', url: 'ftp://example.com/' }, 400, 'url must be an http or https address'],
    [{ slot: 'user', url: 'https://example.com/', events: ['Massage'] }, 400, 'there is no event Massage'],
    [{ slot: 'user', url: 'https://example.com/', format: 'xml' }, 400, 'format must be form or json'],
    [
      { slot: 'user', url: 'https://example.com/', headers: { Host: 'a' } },
      400,
      'the header Host cannot be set',
    ],
    [
      { slot: 'user', url: 'https://example.com/', headers: { 'X-A': 'one\ntwo' } },
      400,
      'the value of the header X-A cannot be sent',
    ],
  ])('refuses %j', async (body, status, sentence) => {
    const user = await app.createUser()

    const answer = await add(user, body)

    expect([answer.status, answer.json]).toEqual([status, { error: sentence }])
  })

  test('nobody reaches the webhooks of somebody else, and nobody has more than twenty', async () => {
    const [owner, other] = [await app.createUser(), await app.createUser()]
    const { json } = await add(owner, { slot: 'user', url: `${receiver.url}/own` })

    for (const method of ['PUT', 'DELETE'])
      expect((await app.request(method, at(json.target), { token: other.token, body: {} })).status).toBe(404)
    // The first one of wuzapi counts, and the one above.
    for (let number = 0; number < 18; number++)
      expect((await add(owner, { slot: 'user', url: `${receiver.url}/own` })).status).toBe(200)
    expect((await add(owner, { slot: 'user', url: `${receiver.url}/own` })).json).toEqual({
      error: 'a user has at most 20 webhooks',
    })
  })
})
