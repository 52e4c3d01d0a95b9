import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { openFeed } from './feed.ts'

type Json = ReturnType<typeof JSON.parse>

const ada = '447900002201'
const jid = `${ada}@s.whatsapp.net`

describe('what happens in chats, as it happens', () => {
  let app: TestApp
  let user: LinkedUser

  const writes = async (content: Json): Promise<string> =>
    (await app.sandbox('POST', `/contacts/${ada}/send`, { to: user.phone, ...content })).id
  const live = (token = user.token, headers: Record<string, string> = {}) =>
    openFeed(`${app.url}/parley/me/live`, { token, ...headers })

  beforeAll(async () => {
    app = await TestApp.start({ streamLimits: { pingMs: 100 } })
    user = await app.linkedUser()
    await app.contact(ada, { name: 'Ada' })
  })
  afterAll(() => app.close())

  test('a message is told whole, and its chat with it', async () => {
    const feed = await live()

    const id = await writes({ text: 'Hello' })

    const message = await feed.next('message', (data) => data.id === id)
    const chat = await feed.next('chat', (data) => data.last?.id === id)
    expect(message).toMatchObject({ chat: jid, text: 'Hello', fromMe: false })
    expect(chat).toMatchObject({ chat: jid, unread: expect.any(Number) })
    feed.close()
  })

  test('a reaction, an edit, a deletion and a vote change the message they are about', async () => {
    const feed = await live()
    const id = await writes({ text: 'befor' })
    const poll = await writes({ poll: { name: 'Tea?', options: ['yes', 'no'] } })
    await feed.next('message', (data) => data.id === poll)

    await writes({ reaction: { id, emoji: '👍' } })
    await feed.next('changed', (data) => data.id === id && data.reactions.length === 1)
    await writes({ edit: { id, text: 'before' } })
    await feed.next('changed', (data) => data.id === id && data.text === 'before')
    await app.sandbox('POST', `/contacts/${ada}/vote`, { id: poll, options: ['no'] })
    await feed.next('changed', (data) => data.id === poll && data.poll.options[1].votes === 1)
    await writes({ revoke: id })

    expect(await feed.next('changed', (data) => data.id === id && data.deleted)).toMatchObject({ text: '' })
    feed.close()
  })

  test('a message sent from here is told on its whole way', async () => {
    const feed = await live()

    const { json } = await app.post('/chat/send/text', user.token, { Phone: ada, Body: 'How far?' })
    const id = json.data.Id
    await feed.next('message', (data) => data.id === id)
    const ofIt = (status: string) => (data: Json) => data.id === id && data.state.status === status
    await feed.next('changed', ofIt('delivered'))
    await app.sandbox('POST', `/contacts/${ada}/receipt`, { ids: [id], type: 'read' })

    expect(await feed.next('changed', ofIt('read'))).toMatchObject({ text: 'How far?', fromMe: true })
    feed.close()
  })

  test('a chat that is read elsewhere is told', async () => {
    const feed = await live()
    const id = await writes({ text: 'Look at your phone' })
    await feed.next('chat', (data) => data.last?.id === id && data.unread > 0)

    await app.sandbox('POST', `/contacts/${user.phone}/receipt`, { ids: [id], type: 'read' })

    expect(await feed.next('chat', (data) => data.unread === 0)).toMatchObject({ chat: jid })
    feed.close()
  })

  test('a call and the session are told by name', async () => {
    const feed = await live()

    await app.sandbox('POST', `/contacts/${ada}/call`, { to: user.phone, kind: 'offer' })

    expect(await feed.next('call', (data) => data.event === 'call.offer')).toMatchObject({
      id: expect.any(String),
    })
    await app.sandbox('POST', '/disconnect', { jid: user.phone })
    await feed.next('session', (data) => data.event === 'session.closed')
    await feed.next('session', (data) => data.event === 'session.open')
    feed.close()
  })

  test('a comment comes now and then, and whoever comes back is told to ask anew', async () => {
    const feed = await live(user.token, { 'last-event-id': '7' })

    await feed.next('reset')

    await app.waitFor('a sign of life', () => feed.text().includes(': still here'))
    expect(feed.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    feed.close()
  })

  test('another user hears nothing of it, and a wrong token opens nothing', async () => {
    const other = await app.createUser()
    const [own, foreign] = [await live(), await live(other.token)]

    const id = await writes({ text: 'Only for you' })
    await own.next('message', (data) => data.id === id)

    expect(foreign.text()).not.toContain('event:')
    expect((await app.get('/parley/me/live', 'no token')).status).toBe(401)
    own.close()
    foreign.close()
  })

  test('a token that is taken away ends it', async () => {
    const other = await app.createUser()
    const feed = await live(other.token)

    await app.request('DELETE', `/admin/users/${other.id}`, { admin: true })

    await feed.ended()
    expect(feed.text()).toContain(': the key is not valid any more')
  })

  test('there are not more than ten for a user', async () => {
    const other = await app.createUser()
    const feeds = await Promise.all(Array.from({ length: 10 }, () => live(other.token)))

    const refused = await app.get('/parley/me/live', other.token)

    expect(refused.status).toBe(429)
    expect(refused.json.error).toBe('this session has as many streams as it may have')
    for (const feed of feeds) feed.close()
  })
})

describe('what happens in chats, with two nodes', () => {
  let app: TestApp
  let fellow: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start({ database: 'postgres', env: { NODE_ID: 'north' } })
    user = await app.linkedUser()
    await app.contact(ada, { name: 'Ada' })
    fellow = await TestApp.start({ reuse: app.place, env: { NODE_ID: 'south' } })
  })
  afterAll(async () => {
    await fellow.close()
    await app.close()
  })

  test('is told by either of them', async () => {
    const feed = await openFeed(`${fellow.url}/parley/me/live`, { token: user.token })

    const { id } = await app.sandbox('POST', `/contacts/${ada}/send`, { to: user.phone, text: 'Across' })

    expect(await feed.next('message', (data) => data.id === id)).toMatchObject({ text: 'Across' })
    expect((await fellow.get('/parley/me/chats', user.token)).json.chats[0]).toMatchObject({
      chat: jid,
      unread: 1,
    })
    feed.close()
  })

  test('ends where the session has gone, so that it is opened anew', async () => {
    const feed = await openFeed(`${fellow.url}/parley/me/live`, { token: user.token })

    await app.stop()

    await feed.ended()
  })
})
