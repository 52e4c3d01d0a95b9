import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

describe.each(databaseKinds)('keys of a user on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  let contact: string

  beforeAll(async () => {
    app = await TestApp.start({ database, env: { ENABLE_WEBSOCKET: 'true' } })
    user = await app.linkedUser({ name: 'shop' })
    contact = '447700900999'
    await app.contact(contact)
  })

  afterAll(async () => {
    await app?.stop()
  })

  async function makeKey(body: object): Promise<{ id: string; key: string }> {
    const made = await app.request('POST', '/parley/me/keys', { token: user.token, body })
    expect(made.status).toBe(201)
    return made.json
  }

  test('a key is shown once, and listed by its beginning and end', async () => {
    const { id, key } = await makeKey({ name: 'Reports', power: 'read' })

    const listed = await app.get('/parley/me/keys', user.token)

    const { lastUsedAt, ...one } = listed.json.keys.find((each: { id: string }) => each.id === id)
    expect(one).toMatchObject({ name: 'Reports', power: 'read', expiresAt: null })
    expect(lastUsedAt).toBeNull()
    expect(listed.text).not.toContain(key)
    expect(one.maskedKey).toBe(`${key.slice(0, 8)}...${key.slice(-4)}`)
  })

  test('a key that may read is its user in every dialect, and changes nothing', async () => {
    const { key } = await makeKey({ name: 'Reader', power: 'read' })
    const headers = { 'x-api-key': key }

    const answers = await Promise.all([
      app.get('/user/contacts', key),
      app.request('GET', `/user/contacts?token=${key}`),
      app.get('/wago/user/contacts', key),
      app.request('GET', '/wsgo/api/contacts', { headers }),
      app.request('GET', '/wago-api/client/getChats/shop', { headers }),
      app.get('/parley/me/messages', key),
    ])
    const refused = await Promise.all([
      app.post('/chat/send/text', key, { Phone: contact, Body: 'no' }),
      app.post('/wago/send/text', key, { Phone: contact, Body: 'no' }),
      app.request('POST', '/wsgo/api/send/text', { headers, body: { to: contact, message: 'no' } }),
      app.request('GET', '/wago-api/session/stop/shop', { headers }),
      app.post('/session/logout', key),
      app.post('/parley/me/keys', key, { name: 'More', power: 'send' }),
      app.get('/parley/me/secret', key),
    ])

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403))
    for (const { text } of refused) expect(text.toLowerCase()).toContain('this key may only read')
  })

  test('a key that may send sends, sees how far that got, and sees no messages', async () => {
    const { key } = await makeKey({ name: 'Shop', power: 'send' })

    const sent = await app.post('/chat/send/text', key, { Phone: contact, Body: 'hello' })
    const progress = await app.get(`/parley/me/messages/${sent.json.data.Id}`, key)
    const read = await app.get('/parley/me/messages', key)
    const history = await app.get(`/chat/history?chat_jid=${contact}@s.whatsapp.net`, key)

    expect(sent.status).toBe(200)
    expect(progress.status).toBe(200)
    expect([read.status, history.status]).toEqual([403, 403])
    expect(read.text).toContain('this takes a key with the power read, or the token of the user')
  })

  test('a key that may send marks a chat as read without seeing what is in it', async () => {
    const { key } = await makeKey({ name: 'Marks', power: 'send' })
    await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'between us' })
    const path = `/parley/me/chats/${contact}@s.whatsapp.net/read`

    const [marked, own] = [await app.post(path, key), await app.post(path, user.token)]

    expect(own.json.last.text).toBe('between us')
    expect([marked.status, marked.json.chat, marked.json.unread]).toEqual([200, own.json.chat, 0])
    expect([marked.json.name, marked.json.last]).toEqual(['', undefined])
  })

  test('a key says what it may do, and the state of the session tells it no secrets', async () => {
    const { key } = await makeKey({ name: 'Monitor', power: 'read' })

    const self = await app.get('/parley/me', key)
    const state = await app.get('/session/status', key)
    const own = await app.get('/session/status', user.token)

    expect(self.json).toMatchObject({ id: user.id, name: 'shop', power: 'read', key: 'Monitor' })
    expect(state.json.data).toMatchObject({ connected: true, loggedIn: true, token: '' })
    expect(state.text).not.toContain(user.token)
    expect(own.json.data.token).toBe(user.token)
  })

  test('a key that was removed, or has expired, counts no more', async () => {
    const { id, key } = await makeKey({ name: 'Old', power: 'read' })
    const brief = await makeKey({ name: 'Brief', power: 'read', expiresAt: Date.now() + 300 })
    expect((await app.get('/parley/me', key)).status).toBe(200)

    const removed = await app.request('DELETE', `/parley/me/keys/${id}`, { token: user.token })
    const again = await app.request('DELETE', `/parley/me/keys/${id}`, { token: user.token })

    expect([removed.status, again.status]).toEqual([200, 404])
    expect((await app.get('/parley/me', key)).status).toBe(401)
    await app.waitFor(
      'the key to expire',
      async () => (await app.get('/parley/me', brief.key)).status === 401,
    )
  })

  test('a WebSocket ends at once with the key it was opened with', async () => {
    const { id, key } = await makeKey({ name: 'Listener', power: 'read' })
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/wago-api/ws/shop`, {
      headers: { 'x-api-key': key },
    })
    await once(socket, 'open')

    await app.request('DELETE', `/parley/me/keys/${id}`, { token: user.token })

    const [code, reason] = await once(socket, 'close')
    expect([code, String(reason)]).toEqual([1008, 'the key is not valid any more'])
  })

  test('a key that may not read opens no WebSocket', async () => {
    const { key } = await makeKey({ name: 'Sender', power: 'send' })
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/wago-api/ws/shop`, {
      headers: { 'x-api-key': key },
    })

    const [error] = await once(socket, 'error')

    expect(String(error)).toContain('403')
  })

  test('the administrator makes keys for a user, and a bad request makes none', async () => {
    const path = `/parley/users/${user.id}/keys`

    const made = await app.request('POST', path, { admin: true, body: { name: 'Admin', power: 'send' } })
    const listed = await app.request('GET', path, { admin: true })
    const removed = await app.request('DELETE', `${path}/${made.json.id}`, { admin: true })
    const nobody = await app.request('GET', '/parley/users/nobody/keys', { admin: true })
    const bad = await Promise.all(
      [{}, { name: 'x', power: 'full' }, { name: 'x', power: 'read', expiresAt: 1 }, { power: 'read' }].map(
        (body) => app.request('POST', path, { admin: true, body }),
      ),
    )

    expect([made.status, listed.status, removed.status, nobody.status]).toEqual([201, 200, 200, 404])
    expect(listed.json.keys.map(({ id }: { id: string }) => id)).toContain(made.json.id)
    expect(bad.map(({ status }) => status)).toEqual([400, 400, 400, 400])
  })
})
