import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'

type Json = ReturnType<typeof JSON.parse>

const ada = '447900002101'
const ben = '447900002102'
const jidOf = (phone: string) => `${phone}@s.whatsapp.net`

describe.each(databaseKinds)('the chats of an account on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  let group: string

  const chatsAt = async (query = '') => (await app.get(`/parley/me/chats${query}`, user.token)).json
  const chatOf = async (chat: string) =>
    (await app.get(`/parley/me/chats/${encodeURIComponent(chat)}`, user.token)).json
  const messagesOf = async (chat: string, query = '') =>
    (await app.get(`/parley/me/chats/${encodeURIComponent(chat)}/messages${query}`, user.token)).json
  const writes = async (phone: string, content: Json): Promise<string> =>
    (await app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, ...content })).id
  /** The message once it is there and looks as wanted. */
  const shown = (chat: string, id: string, wanted: (message: Json) => unknown = () => true) =>
    app.waitFor(`message ${id}`, async () => {
      const { messages } = await messagesOf(chat)
      const message = messages?.find((one: Json) => one.id === id)
      return message && wanted(message) ? message : undefined
    })

  beforeAll(async () => {
    app = await TestApp.start({ database })
    user = await app.linkedUser()
    await app.contact(ada, { name: 'Ada' })
    await app.contact(ben, { name: 'Ben', addressing: 'pn' })
    group = (await app.sandbox('POST', '/groups', { subject: 'Team', participants: [user.phone, ada, ben] }))
      .jid
  })
  afterAll(() => app.close())

  test('are empty before anybody wrote', async () => {
    expect(await chatsAt()).toEqual({ chats: [] })
  })

  test('hold what somebody wrote, with a name, a number and how much is unread', async () => {
    const id = await writes(ada, { text: 'Good morning' })
    await shown(jidOf(ada), id)

    const { chats } = await app.waitFor('the name', async () => {
      const page = await chatsAt()
      return page.chats[0]?.name === 'Ada' ? page : undefined
    })

    expect(chats).toEqual([
      {
        chat: jidOf(ada),
        kind: 'person',
        name: 'Ada',
        phone: `+${ada}`,
        unread: 1,
        markedUnread: false,
        pinned: false,
        muted: false,
        archived: false,
        lastAt: expect.any(Number),
        last: expect.objectContaining({
          id,
          text: 'Good morning',
          fromMe: false,
          senderName: 'Ada',
          kind: 'text',
        }),
      },
    ])
    expect(await chatOf(jidOf(ada))).toEqual(chats[0])
  })

  test('are one for the two addresses of a person', async () => {
    await app.sandbox('POST', '/contacts', { phone: ada, name: 'Ada', addressing: 'pn' })
    const second = await writes(ada, { text: 'by number' })
    await shown(jidOf(ada), second)
    await app.sandbox('POST', '/contacts', { phone: ada, name: 'Ada', addressing: 'lid' })

    const { chats } = await chatsAt()
    const lid = await app.parley.services.sessions.live(user.id).resolve(ada)
    const byLid = await messagesOf(lid)

    expect(lid).toMatch(/@lid$/)
    expect(chats).toHaveLength(1)
    expect(chats[0]).toMatchObject({ chat: jidOf(ada), unread: 2 })
    expect(byLid.messages.map(({ text, chat }: Json) => [chat, text])).toEqual([
      [jidOf(ada), 'by number'],
      [jidOf(ada), 'Good morning'],
    ])
  })

  test('are read when they are answered from here', async () => {
    const sent = await app.post('/chat/send/text', user.token, { Phone: ada, Body: 'Hello Ada' })
    const id = sent.json.data.Id

    const message = await shown(jidOf(ada), id, ({ state }) => state.status === 'delivered')

    expect(message).toMatchObject({ fromMe: true, sender: jidOf(user.phone), text: 'Hello Ada' })
    expect(message.state.deliveredAt).toBeGreaterThanOrEqual(message.at)
    expect(await chatOf(jidOf(ada))).toMatchObject({ unread: 0, last: { id, fromMe: true } })
  })

  test('are read by a request, and their authors are told', async () => {
    const id = await writes(ben, { text: 'Are you there?' })
    await shown(jidOf(ben), id)
    expect((await chatsAt('?unread=true')).chats.map(({ chat }: Json) => chat)).toEqual([jidOf(ben)])

    const answer = await app.post(`/parley/me/chats/${encodeURIComponent(jidOf(ben))}/read`, user.token)

    expect(answer.json).toMatchObject({ chat: jidOf(ben), unread: 0 })
    expect((await chatsAt('?unread=true')).chats).toEqual([])
    await app.waitFor('the receipt', async () => {
      const { observations } = await app.sandbox('GET', `/contacts/${ben}/observations`)
      return observations.some(
        ({ tag, attrs }: Json) => tag === 'receipt' && attrs.type === 'read' && attrs.id === id,
      )
    })
  })

  test('are read by a request in the words of another dialect', async () => {
    const id = await writes(ben, { text: 'Once more' })
    await shown(jidOf(ben), id)
    expect(await chatOf(jidOf(ben))).toMatchObject({ unread: 1 })

    await app.post('/chat/markread', user.token, { Id: [id], Chat: jidOf(ben), Sender: jidOf(ben) })

    await app.waitFor('the mark', async () => (await chatOf(jidOf(ben))).unread === 0)
  })

  test('are read when the phone has shown them', async () => {
    const id = await writes(ben, { text: 'Look at your phone' })
    await shown(jidOf(ben), id)
    expect(await chatOf(jidOf(ben))).toMatchObject({ unread: 1 })

    await app.sandbox('POST', `/contacts/${user.phone}/receipt`, { ids: [id], type: 'read' })

    await app.waitFor('the mark', async () => (await chatOf(jidOf(ben))).unread === 0)
  })

  test('can be marked as unread', async () => {
    const path = `/parley/me/chats/${encodeURIComponent(jidOf(ben))}`

    const marked = await app.post(`${path}/unread`, user.token)
    const read = await app.post(`${path}/read`, user.token)

    expect(marked.json).toMatchObject({ unread: 1, markedUnread: true })
    expect(read.json).toMatchObject({ unread: 0, markedUnread: false })
  })

  test('tell how they are set on the phone', async () => {
    await app.sandbox('POST', `/contacts/${user.phone}/archive`, { chat: jidOf(ben), archived: true })

    await app.waitFor('the archive', async () => (await chatOf(jidOf(ben))).archived)
    await app.sandbox('POST', `/contacts/${user.phone}/archive`, { chat: jidOf(ben), archived: false })

    await app.waitFor('the archive', async () => (await chatOf(jidOf(ben))).archived === false)
  })

  test('show reactions, edits and deletions as they stand', async () => {
    const [kept, edited, deleted] = [
      await writes(ada, { text: 'react to me' }),
      await writes(ada, { text: 'befor' }),
      await writes(ada, { text: 'a mistake' }),
    ]
    await shown(jidOf(ada), deleted)
    await app.post('/chat/react', user.token, { Phone: ada, Body: '👍', Id: kept })
    await writes(ada, { reaction: { id: kept, emoji: '❤️' } })
    await writes(ada, { edit: { id: edited, text: 'before' } })
    await writes(ada, { revoke: deleted })

    const reacted = await shown(jidOf(ada), kept, ({ reactions }) => reactions.length === 2)
    const changed = await shown(jidOf(ada), edited, (message) => message.edited)
    const gone = await shown(jidOf(ada), deleted, (message) => message.deleted)

    expect(reacted.reactions).toEqual(
      expect.arrayContaining([
        { emoji: '👍', sender: jidOf(user.phone), senderName: '', fromMe: true },
        { emoji: '❤️', sender: jidOf(ada), senderName: 'Ada', fromMe: false },
      ]),
    )
    expect(changed.text).toBe('before')
    expect(gone).toMatchObject({ text: '', reactions: [], kind: 'text' })
    expect((await messagesOf(jidOf(ada))).messages[0].id).toBe(deleted)
  })

  test('show answers with what they answer, files, places, cards and polls', async () => {
    const first = await writes(ben, { text: 'Which one?' })
    const answer = await writes(ben, { text: 'This one', quote: first })
    const picture = await writes(ben, { image: { caption: 'Look' } })
    const voice = await writes(ben, { audio: { ptt: true, seconds: 3 } })
    const document = await writes(ben, { document: { fileName: 'a.pdf' } })
    const place = await writes(ben, { location: { latitude: 52.5, longitude: 13.4, name: 'Berlin' } })
    const card = await writes(ben, { contact: { name: 'Cem', phone: '4915550000009' } })
    const call = await writes(ben, { callLog: { outcome: 'missed' } })
    const poll = await writes(ben, { poll: { name: 'Tea?', options: ['yes', 'no'] } })
    await shown(jidOf(ben), poll)
    await app.sandbox('POST', `/contacts/${ben}/vote`, { id: poll, options: ['yes'] })

    const voted = await shown(jidOf(ben), poll, (message) => message.poll?.options[0].votes === 1)
    const { messages } = await messagesOf(jidOf(ben))
    const byId = new Map<string, Json>(messages.map((one: Json) => [one.id, one]))

    expect(voted.poll).toEqual({
      question: 'Tea?',
      selectable: expect.any(Number),
      options: [
        { name: 'yes', votes: 1, voters: ['Ben'], chosen: false },
        { name: 'no', votes: 0, voters: [], chosen: false },
      ],
    })
    expect(byId.get(answer).quoted).toMatchObject({
      id: first,
      text: 'Which one?',
      senderName: 'Ben',
      fromMe: false,
    })
    expect(byId.get(picture)).toMatchObject({ text: 'Look', media: { kind: 'image', available: true } })
    expect(byId.get(voice).media).toMatchObject({ kind: 'voice', seconds: 3 })
    expect(byId.get(document).media).toMatchObject({ kind: 'document', fileName: 'a.pdf' })
    expect(byId.get(place).location).toEqual({ latitude: 52.5, longitude: 13.4, name: 'Berlin' })
    expect(byId.get(card).contact).toEqual({ name: 'Cem', phones: ['+4915550000009'] })
    expect(byId.get(call).call).toMatchObject({ outcome: 'missed' })
  })

  test('of groups name the group and who wrote', async () => {
    const { id } = await app.sandbox('POST', `/contacts/${ada}/send`, { group, text: 'Hello all' })

    const message = await shown(group, id)

    expect(message).toMatchObject({ chat: group, sender: jidOf(ada), senderName: 'Ada', text: 'Hello all' })
    await app.waitFor('the name', async () => (await chatOf(group)).name === 'Team')
    expect(await chatOf(group)).toMatchObject({ kind: 'group', unread: 1 })
  })

  test('are given in parts, and so are their messages', async () => {
    const all = (await chatsAt()).chats.map(({ chat }: Json) => chat)
    const first = await chatsAt('?limit=1')
    const second = await chatsAt(`?limit=1&before=${first.next}`)
    const messages = (await messagesOf(jidOf(ben))).messages.map(({ id }: Json) => id)
    const newest = await messagesOf(jidOf(ben), '?limit=3')
    const older = await messagesOf(jidOf(ben), `?limit=100&before=${newest.next}`)
    const around = await messagesOf(jidOf(ben), `?limit=4&around=${messages[4]}`)
    const newer = await messagesOf(jidOf(ben), `?after=${around.newer}`)

    expect([first.chats[0].chat, second.chats[0].chat]).toEqual(all.slice(0, 2))
    expect([...newest.messages, ...older.messages].map(({ id }: Json) => id)).toEqual(messages)
    expect(older).not.toHaveProperty('next')
    expect(around.messages.map(({ id }: Json) => id)).toEqual(messages.slice(2, 7))
    expect(newer.messages.map(({ id }: Json) => id)).toEqual(messages.slice(0, 2))
  })

  test('are found by name, number and words', async () => {
    const found = async (search: string) =>
      (await chatsAt(`?search=${encodeURIComponent(search)}`)).chats.map(({ chat }: Json) => chat)

    expect(await found('ADA')).toEqual([jidOf(ada)])
    expect(await found('0000 2102')).toEqual([jidOf(ben)])
    expect(await found('good MORNING')).toEqual([jidOf(ada)])
    expect(await found('team')).toEqual([group])
    expect(await found('nobody said this')).toEqual([])
  })

  test('tell why a message failed', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })
    await app.post('/chat/send/text', user.token, { Phone: ada, Body: 'too much', Id: 'CHATS-FAILED' })

    const { state } = await shown(jidOf(ada), 'CHATS-FAILED', (message) => message.state.status === 'failed')

    expect(state).toMatchObject({ reason: expect.stringContaining('463'), failedAt: expect.any(Number) })
  })

  test('are nobody else’s', async () => {
    const other = await app.createUser()
    const path = `/parley/me/chats/${encodeURIComponent(jidOf(ada))}/messages`

    expect((await app.get('/parley/me/chats', other.token)).json).toEqual({ chats: [] })
    expect((await app.get(path, other.token)).json).toEqual({ messages: [] })
    expect((await app.get(path, 'no token')).status).toBe(401)
  })

  test('are refused with a sentence where the request makes no sense', async () => {
    const answers = await Promise.all([
      app.get('/parley/me/chats?before=x', user.token),
      app.get('/parley/me/chats/nobody/messages', user.token),
      app.get(`/parley/me/chats/${encodeURIComponent(jidOf(ada))}/messages?around=NONE`, user.token),
      app.get('/parley/me/chats?limit=101', user.token),
    ])

    expect(answers.map(({ status, json }) => [status, json.error])).toEqual([
      [400, 'before must be what an answer gave'],
      [400, 'chat must be a JID'],
      [404, 'Message not found'],
      [400, 'limit must be a whole number from 1 to 100'],
    ])
  })

  test('are there without a session', async () => {
    const before = await chatsAt()
    await app.post('/session/disconnect', user.token)
    await app.waitFor('the end', () => !app.parley.services.sessions.find(user.id)?.status.loggedIn)

    const { chats } = await chatsAt()

    expect(chats.map(({ chat, name }: Json) => [chat, name])).toEqual(
      before.chats.map(({ chat, name }: Json) => [chat, name]),
    )
  })
})
