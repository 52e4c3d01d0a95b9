import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

describe.each(databaseKinds)('support logins on %s', (database) => {
  let app: TestApp
  let shop: LinkedUser
  let other: TestUser

  beforeAll(async () => {
    app = await TestApp.start({ database })
    shop = await app.linkedUser({ name: 'shop' })
    other = await app.createUser({ name: 'other' })
  })

  afterAll(async () => {
    await app?.stop()
  })

  const admin = (method: string, path: string, body?: object) =>
    app.request(method, `/parley${path}`, { admin: true, body })
  const look = (key: string, path: string, user?: string, method = 'GET') =>
    app.request(method, `/parley${path}`, {
      token: key,
      headers: user === undefined ? {} : { 'parley-user': user },
      body: method === 'GET' ? undefined : {},
    })

  async function makeLogin(body: object): Promise<{ id: string; key: string }> {
    const made = await admin('POST', '/logins', body)
    expect(made.status).toBe(201)
    return made.json
  }

  test('a login sees users and their state, and no token', async () => {
    const { key } = await makeLogin({ name: 'Ann' })

    const seen = await look(key, '/users')

    expect(seen.json.users).toEqual([
      {
        id: shop.id,
        name: 'shop',
        jid: expect.stringContaining(shop.phone),
        connected: true,
        loggedIn: true,
      },
      { id: other.id, name: 'other', jid: '', connected: false, loggedIn: false },
    ])
    expect(seen.text).not.toContain(shop.token)
  })

  test('a login reads what a user may read, by naming the user, and changes nothing', async () => {
    const { key } = await makeLogin({ name: 'Ben' })

    const self = await look(key, '/me', shop.id)
    const read = await Promise.all(
      ['/me/messages', '/me/deliveries', '/me/bulk'].map((path) => look(key, path, shop.id)),
    )
    const refused = await Promise.all([
      look(key, '/me/secret', shop.id),
      look(key, '/me/webhooks', shop.id),
      look(key, '/me/keys', shop.id),
      look(key, '/me/bulk', shop.id, 'POST'),
      look(key, '/me/deliveries/lease', shop.id),
      look(key, '/me/messages'),
      look(key, '/me/messages', 'nobody'),
    ])

    expect(self.json).toMatchObject({ id: shop.id, power: 'read', login: 'Ben' })
    expect(read.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403))
  })

  test('a login is nobody to other dialects and to what is for administrators', async () => {
    const { key } = await makeLogin({ name: 'Cat' })

    const answers = await Promise.all([
      app.get('/user/contacts', key),
      app.request('GET', '/admin/users', { headers: { authorization: key } }),
      app.request('GET', '/parley/logins', { headers: { authorization: key } }),
      app.request('GET', '/parley/targets', { headers: { authorization: key } }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401])
  })

  test('a login sees no users but those it was made for', async () => {
    const { key } = await makeLogin({ name: 'Dan', userIds: [other.id] })

    const seen = await look(key, '/users')
    const own = await look(key, '/me', other.id)
    const foreign = await look(key, '/me', shop.id)

    expect(seen.json.users.map(({ id }: TestUser) => id)).toEqual([other.id])
    expect([own.status, foreign.status]).toEqual([200, 403])
  })

  test('a login that was removed, or has expired, counts no more', async () => {
    const { id, key } = await makeLogin({ name: 'Eve' })
    const brief = await makeLogin({ name: 'Fay', expiresAt: Date.now() + 300 })
    expect((await look(key, '/users')).status).toBe(200)

    const removed = await admin('DELETE', `/logins/${id}`)
    const again = await admin('DELETE', `/logins/${id}`)

    expect([removed.status, again.status]).toEqual([200, 404])
    expect((await look(key, '/users')).status).toBe(401)
    await app.waitFor('the login to expire', async () => (await look(brief.key, '/users')).status === 401)
  })

  test('logins are listed without their keys, and a bad request makes none', async () => {
    const { key } = await makeLogin({ name: 'Gus' })

    const listed = await admin('GET', '/logins')
    const bad = await Promise.all(
      [{}, { name: 'Gus' }, { name: 'x', userIds: ['nobody'] }, { name: 'x', expiresAt: 1 }].map((body) =>
        admin('POST', '/logins', body),
      ),
    )

    expect(listed.json.logins.map(({ name }: { name: string }) => name)).toContain('Gus')
    expect(listed.text).not.toContain(key)
    expect(bad.map(({ status }) => status)).toEqual([400, 409, 400, 400])
  })
})
