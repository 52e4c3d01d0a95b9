import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HistorySyncEvent, MessageEvent } from '../../../src/events/event.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000301'
const contactJid = `${contact}@s.whatsapp.net`

beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser({ history: 3 })
  await app.contact(contact, { name: 'Ada' })
})
afterAll(() => app.close())

function history(chat = contactJid, more = '') {
  return app.get(`/chat/history?chat_jid=${chat}${more}`, user.token)
}

/** Whatever a row holds: tests look into it freely. */
type Row = ReturnType<typeof JSON.parse>

/** The rows of a chat, once `isComplete` says so. */
function rowsOf(chat: string, isComplete: (rows: Row[]) => boolean): Promise<Row[]> {
  return app.waitFor('the history', async () => {
    const rows = (await history(chat)).json.data ?? []
    return isComplete(rows) ? rows : undefined
  })
}

async function says(content: object): Promise<string> {
  const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, ...content })
  return id
}

describe('/chat/history', () => {
  test('shows what was sent and what was answered, newest first', async () => {
    const answer = await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'ping' })
    await rowsOf(contactJid, (rows) => rows.length === 1)
    const id = await says({ text: 'pong', quote: answer.json.data.Id })

    const [reply, sent] = await rowsOf(contactJid, (rows) => rows.length === 2)

    expect(sent).toEqual({
      chat_jid: expect.any(String),
      data_json: '',
      id: expect.any(Number),
      media_link: '',
      message_id: answer.json.data.Id,
      message_type: 'text',
      sender_jid: 'me',
      text_content: 'ping',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      user_id: user.id,
    })
    expect(reply).toMatchObject({
      message_id: id,
      message_type: 'text',
      text_content: 'pong',
      quoted_message_id: answer.json.data.Id,
    })
    expect(JSON.parse(reply.data_json)).toMatchObject({ Info: { ID: id, IsFromMe: false } })
  })

  test('puts an answer that came at once after what it answers', async () => {
    const quick = await app.contact('447900000302', { autoReply: 'at once' })
    await app.post('/chat/send/text', user.token, { Phone: quick, Body: 'are you there?' })

    const rows = await rowsOf(`${quick}@s.whatsapp.net`, (rows) => rows.length === 2)

    expect(rows.map((row) => row.text_content)).toEqual(['at once', 'are you there?'])
  })

  test('is the same under both addresses of a person', async () => {
    const { accounts } = await app.sandbox('GET', '/state')
    const { lid } = accounts.find((account: { phone: string }) => account.phone === contact)

    const rows = (await history(lid)).json.data

    expect(rows).toHaveLength(2)
    expect(rows).toEqual((await history()).json.data)
  })

  test('keeps as many messages as the user wants, newest first', async () => {
    for (const text of ['one', 'two', 'three', 'four']) await says({ text })

    const rows = await rowsOf(contactJid, ([newest]) => newest?.text_content === 'four')

    expect(rows.map((row) => row.text_content)).toEqual(['four', 'three', 'two'])
    expect((await history(contactJid, '&limit=1')).json.data).toHaveLength(1)
  })

  test('tells what files, reactions, edits and deletions are', async () => {
    const target = await says({ text: 'target' })
    const image = await says({ image: true })
    await says({ reaction: { id: target, emoji: '👍' } })
    await says({ edit: { id: target, text: 'better' } })
    const changes = await rowsOf(contactJid, ([newest]) => newest?.message_type === 'edit')
    await says({ revoke: target })
    const deletion = await rowsOf(contactJid, ([newest]) => newest?.message_type === 'delete')

    expect(changes).toMatchObject([
      { text_content: 'better', quoted_message_id: target },
      { message_type: 'reaction', text_content: '👍', quoted_message_id: target },
      { message_type: 'image', text_content: ':image:', message_id: image },
    ])
    expect(deletion[0]).toMatchObject({ text_content: target })
    expect(deletion[0]).not.toHaveProperty('quoted_message_id')
  })

  test('leaves out polls and reactions that were sent here', async () => {
    const poll = { group: contact, Header: 'Lunch?', Options: ['Pizza', 'Sushi'] }
    const target = await says({ text: 'what do you think?' })
    await app.post('/chat/send/poll', user.token, poll)
    await app.post('/chat/react', user.token, { Phone: contact, Body: '👍', Id: target })
    const answer = await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'and then' })

    const rows = await rowsOf(contactJid, ([newest]) => newest?.message_id === answer.json.data.Id)

    const own = rows.filter((row) => row.sender_jid === 'me').map((row) => row.message_type)
    expect([...new Set(own)]).toEqual(['text'])
  })

  test('lists the own chats, and nobody else’s', async () => {
    const other = await app.createUser({ history: 5 })
    const rows = await rowsOf(contactJid, (rows) => rows.length > 0)

    const own = await history('index')
    const foreign = await app.get('/chat/history?chat_jid=index', other.token)

    expect(own.json.data[user.id][0]).toEqual({
      chat_jid: rows[0]?.chat_jid,
      last_updated: rows[0]?.timestamp,
    })
    expect(foreign.json.data).toEqual({ [other.id]: [] })
  })

  test('lists a person who has written from both addresses once', async () => {
    const other = await app.linkedUser({ history: 3 })
    const listed = async () => {
      const { json } = await app.get('/chat/history?chat_jid=index', other.token)
      return json.data[other.id].map((chat: Row) => chat.chat_jid)
    }
    const writer = await app.contact('447900000303', { addressing: 'lid' })
    const { accounts } = await app.sandbox('GET', '/state')
    const { lid } = accounts.find(({ phone }: { phone: string }) => phone === writer)
    for (const [addressing, jid] of [
      ['lid', lid],
      ['pn', `${writer}@s.whatsapp.net`],
    ] as const) {
      await app.contact(writer, { addressing })
      await app.sandbox('POST', `/contacts/${writer}/send`, { to: other.phone, text: addressing })

      const jids = await app.waitFor(`${jid} in the list`, async () => {
        const jids = await listed()
        return jids.includes(jid) ? jids : undefined
      })
      expect(jids).toEqual([jid])
    }
  })

  test('has no rows for a chat without messages', async () => {
    expect((await history('447900000399@s.whatsapp.net')).text).toBe(
      '{"code":200,"data":null,"success":true}\n',
    )
  })

  test('checks in the order of wuzapi', async () => {
    const without = await app.createUser()
    const refusal = async (query: string, token = user.token) =>
      (await app.get(`/chat/history${query}`, token)).json

    expect(await refusal('', without.token)).toEqual(
      failure(501, 'message history is disabled for this user'),
    )
    expect(await refusal('?limit=x')).toEqual(failure(400, 'chat_jid is required'))
    expect(await refusal(`?chat_jid=${contactJid}&limit=x`)).toEqual(failure(400, 'invalid limit'))
  })
})

describe('/session/history', () => {
  test('asks the phone for what was before the last message', async () => {
    const heard: HistorySyncEvent[] = []
    const stop = app.parley.services.events.listen((userId, recorded) => {
      if (userId !== user.id) return
      for (const { event } of recorded) if (event.type === 'history.sync') heard.push(event)
    })

    const { json } = await app.get('/session/history?count=2&oldest_msg_from_me=maybe', user.token)

    expect(json.data).toEqual({
      chat_jid: expect.stringMatching(/^\d+@lid$/),
      count: 2,
      details: 'History sync request Sent',
      oldest_msg_from_me: false,
      oldest_msg_id: expect.stringMatching(/./),
      oldest_msg_timestamp: expect.any(Number),
      timestamp: expect.any(Number),
    })
    const { history } = await app.waitFor('the answer of the phone', () => heard[0])
    expect(history).toMatchObject({ syncType: 6, conversations: [{ id: json.data.chat_jid }] })
    stop()
  })

  test('takes the place to go back from out of the request', async () => {
    const query =
      'chat_jid=1234@g.us&oldest_msg_id=OLD&oldest_msg_from_me=t&oldest_msg_timestamp=1700000000000'

    const { json } = await app.get(`/session/history?${query}`, user.token)

    expect(json.data).toMatchObject({
      chat_jid: '1234@g.us',
      count: 50,
      oldest_msg_id: 'OLD',
      oldest_msg_from_me: true,
      oldest_msg_timestamp: 1_700_000_000_000,
    })
  })

  test('says when no message is known to go back from', async () => {
    const fresh = await app.linkedUser()

    const { json } = await app.get('/session/history', fresh.token)

    expect(json.data).toMatchObject({
      chat_jid: '',
      oldest_msg_id: '',
      oldest_msg_timestamp: -62_135_596_800_000,
    })
  })

  test('needs a session', async () => {
    const without = await app.createUser()

    expect((await app.get('/session/history', without.token)).json).toEqual(failure(500, 'no session'))
  })
})

describe('/chat/request-unavailable-message', () => {
  const path = '/chat/request-unavailable-message'

  test('brings the phone’s copy of a message', async () => {
    const id = await says({ text: 'as the phone has it' })
    const copies: MessageEvent[] = []
    const stop = app.parley.services.events.listen((userId, recorded) => {
      if (userId !== user.id) return
      for (const { event } of recorded)
        if (event.type === 'message' && event.sourceWebMessage) copies.push(event)
    })

    const { json } = await app.post(path, user.token, { chat: contactJid, sender: contactJid, id })

    expect(json.data).toEqual({
      chat: contactJid,
      message: 'Unavailable message request sent successfully',
      message_id: id,
      request_id: expect.any(String),
      sender: contactJid,
      success: true,
      timestamp: expect.any(Number),
    })
    expect(await app.waitFor('the copy', () => copies[0])).toMatchObject({
      id,
      raw: { conversation: 'as the phone has it' },
      unavailableRequestId: json.data.request_id,
    })
    stop()
  })

  test.each([
    [{}, 'missing Chat in Payload'],
    [{ chat: contactJid }, 'missing Sender in Payload'],
    [{ chat: contactJid, sender: contactJid }, 'missing ID in Payload'],
    [{ chat: 'a.b.c@x', sender: contactJid, id: 'A' }, 'invalid Chat JID format'],
    [{ chat: contactJid, sender: 'a:b:c@x', id: 'A' }, 'invalid Sender JID format'],
  ])('refuses %j', async (body, sentence) => {
    expect((await app.post(path, user.token, body)).json).toEqual(failure(400, sentence))
  })
})
