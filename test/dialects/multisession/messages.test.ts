import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fail } from '../../../src/dialects/multisession/envelope.ts'
import { ApiError } from '../../../src/lib/errors.ts'
import { failure, Multisession, sentAs, success } from './messaging.ts'

const NOT_VALID = failure(500, 'WhatsApp Client is not Valid')
const NOT_REGISTERED = failure(500, 'WhatsApp Personal ID is Not Registered')
const UNREADABLE = failure(400, 'Failed parse body request')
const NOT_FOUND = failure(404, 'Message not found')

let server: Multisession
let group: string
beforeAll(async () => {
  server = await Multisession.start()
  group = await server.newGroup()
})
afterAll(() => server.close())

const chat_jid = '15550003003'
const id = expect.stringMatching(/^3EB0/)

async function say(text: string, to = chat_jid): Promise<string> {
  return (await server.call(`POST /chats/${to}/messages`, { text }))[1].data.message_id
}

describe('POST /messages/{message_id}/read', () => {
  test('tells the author, in both spellings', async () => {
    const done = success('Success mark message as read')

    for (const names of [
      { chat_jid, sender_jid: chat_jid },
      { ChatJID: server.contactJid, SenderJID: chat_jid },
    ]) {
      const read = await server.hears({ text: 'Seen?' })
      expect(await server.call(`POST /messages/${read}/read`, names)).toEqual(done)
      await server.observed(
        ({ tag, attrs }) => tag === 'receipt' && attrs.type === 'read' && attrs.id === read,
      )
    }
    expect(
      await server.call('POST /messages/3EB0X/read', { chat_jid: 'status@broadcast', sender_jid: chat_jid }),
    ).toEqual(done)
  })

  test('needs chat and sender, and cannot fail otherwise', async () => {
    const refusal = failure(400, 'chat_jid and sender_jid are required')
    const read = (body?: unknown) => server.call('POST /messages/3EB0X/read', body)

    expect(await read({ chat_jid })).toEqual(refusal)
    expect(await read()).toEqual(refusal)
    expect(await read('{')).toEqual(refusal)
    expect(await read({ chat_jid: 5, sender_jid: chat_jid })).toEqual(refusal)
    expect(
      await server.call(
        'POST /messages/3EB0X/read',
        { chat_jid, sender_jid: chat_jid },
        { jwt: await server.unlinked() },
      ),
    ).toEqual(NOT_VALID)
  })
})

describe('POST /messages/{message_id}/reaction', () => {
  const reactionTo = async (target: string) =>
    (await server.change((message) => message.reactionMessage?.key.id === target)).reactionMessage

  test("names an own message as own, and the contact's as the contact's", async () => {
    const own = await say('Mine')
    const theirs = await server.hears({ text: 'Yours' })

    const answer = await server.call(`POST /messages/${own}/reaction`, { chat_jid, emoji: '👍' })
    await server.call(`POST /messages/${theirs}/reaction`, { ChatJID: chat_jid, Emoji: '🎉' })

    expect(answer).toEqual(sentAs('Success react to message', id))
    expect(answer[1].data.message_id).not.toBe(own)
    expect(await reactionTo(own)).toMatchObject({ text: '👍', key: { fromMe: true } })
    expect(await reactionTo(theirs)).toMatchObject({ text: '🎉', key: { fromMe: false } })
  })

  test('names the author in a group', async () => {
    const target = await server.hears({ text: 'Who comes?', group })

    await server.call(`POST /messages/${target}/reaction`, { chat_jid: group, emoji: '👍' })

    expect((await reactionTo(target)).key).toMatchObject({ fromMe: false, participant: expect.any(String) })
  })

  test('believes an unknown message of two to be the partner’s, and needs a sender in groups', async () => {
    expect((await server.call('POST /messages/OLD1/reaction', { chat_jid, emoji: '👍' }))[0]).toBe(200)
    expect(await reactionTo('OLD1')).toMatchObject({ key: { fromMe: false } })
    expect(await server.call('POST /messages/OLD2/reaction', { chat_jid: group, emoji: '👍' })).toEqual(
      NOT_FOUND,
    )
    const named = { chat_jid: group, sender_jid: chat_jid, emoji: '👍' }
    expect((await server.call('POST /messages/OLD2/reaction', named))[0]).toBe(200)
  })

  test.each([
    [{ emoji: '👍' }, failure(400, 'chat_jid is required')],
    [{ chat_jid: 5, emoji: '👍' }, UNREADABLE],
    [{ chat_jid: '15559999999', emoji: '👍' }, NOT_REGISTERED],
  ])('refuses %j', async (body, refusal) => {
    expect(await server.call('POST /messages/3EB0X/reaction', body)).toEqual(refusal)
  })
})

describe('PATCH /messages/{message_id}', () => {
  test('changes the text of an own message, and gives the id of the change', async () => {
    const target = await say('teh')

    const answer = await server.call(`PATCH /messages/${target}`, { ChatJID: chat_jid, Text: 'the' })

    expect(answer).toEqual(sentAs('Success edit message', expect.any(String)))
    expect(answer[1]).not.toMatchObject({ data: { message_id: target } })
    const { protocolMessage } = await server.change(
      ({ protocolMessage }) => protocolMessage?.key.id === target,
    )
    expect(protocolMessage).toMatchObject({ type: 'MESSAGE_EDIT', key: { fromMe: true } })
    const [, { data }] = await server.call(`GET /chats/${chat_jid}/messages?limit=1`)
    expect(data.messages).toMatchObject([{ message_id: target, text: 'the' }])
  })

  test('refuses others’ messages and empty texts', async () => {
    const theirs = await server.hears({ text: 'Mine' })

    expect(await server.call(`PATCH /messages/${theirs}`, { chat_jid, text: 'x' })).toEqual(
      failure(400, 'only your own messages can be edited'),
    )
    expect(await server.call(`PATCH /messages/${theirs}`, { chat_jid })).toEqual(
      failure(400, 'text is required'),
    )
    expect(await server.call(`PATCH /messages/${theirs}`, { text: 'x' })).toEqual(
      failure(400, 'chat_jid is required'),
    )
  })
})

describe('DELETE /messages/{message_id}', () => {
  const revokeOf = async (target: string) =>
    (await server.change(({ protocolMessage }) => protocolMessage?.key?.id === target)).protocolMessage

  test('takes an own message back, without a sender and with the own number', async () => {
    const done = success('Success delete message')
    const [first, second] = [await say('Oops'), await say('Oops again')]

    expect(await server.call(`DELETE /messages/${first}`, { chat_jid })).toEqual(done)
    expect(
      await server.call(`DELETE /messages/${second}`, { ChatJID: chat_jid, SenderJID: server.ownJid }),
    ).toEqual(done)

    expect(await revokeOf(first)).toMatchObject({ type: 'REVOKE', key: { fromMe: true } })
    expect(await revokeOf(second)).toMatchObject({ type: 'REVOKE', key: { fromMe: true } })
  })

  test("takes a member's message back in a group, naming the author", async () => {
    const target = await server.hears({ text: 'Spam', group })

    expect((await server.call(`DELETE /messages/${target}`, { chat_jid: group }))[0]).toBe(200)

    expect((await revokeOf(target)).key).toMatchObject({ fromMe: false, participant: expect.any(String) })
  })

  test("refuses the partner's messages, and a body without a chat", async () => {
    const theirs = await server.hears({ text: 'Stays' })

    expect(await server.call(`DELETE /messages/${theirs}`, { chat_jid })).toEqual(
      failure(400, "others' messages can be deleted for everyone in groups only, by their admins"),
    )
    for (const body of [undefined, {}, '{', { chat_jid: 5 }])
      expect(await server.call('DELETE /messages/3EB0X', body)).toEqual(failure(400, 'chat_jid is required'))
  })
})

describe('POST /messages/{message_id}/reply', () => {
  test('quotes the message', async () => {
    const asked = await server.hears({ text: 'Are you there?' })

    const answer = await server.call(`POST /messages/${asked}/reply`, { ChatJID: chat_jid, Text: 'Yes' })

    expect(answer).toEqual(sentAs('Success reply to message', id))
    const { message } = await server.arrived(answer[1].data.message_id)
    expect(message.extendedTextMessage).toMatchObject({
      text: 'Yes',
      contextInfo: { stanzaId: asked, quotedMessage: { conversation: 'Are you there?' } },
    })
  })

  test.each([
    [{ text: 'x' }, failure(400, 'Phone number cannot be empty')],
    [{ chat_jid }, failure(400, 'Message cannot be empty')],
    [{ chat_jid: '15559999999', text: 'x' }, NOT_REGISTERED],
    [{ chat_jid, text: 'x' }, NOT_FOUND],
    [{ chat_jid: 5, text: 'x' }, UNREADABLE],
  ])('refuses %j', async (body, refusal) => {
    expect(await server.call('POST /messages/UNKNOWN/reply', body)).toEqual(refusal)
  })
})

describe('POST /messages/{message_id}/forward', () => {
  test('sends a stored message once more', async () => {
    const source = await server.hears({ text: 'Spread this' })

    const answer = await server.call(`POST /messages/${source}/forward`, { to_chat_jid: group })

    expect(answer).toEqual(sentAs('Success forward message', id))
    const { chat, message } = await server.arrived(answer[1].data.message_id)
    expect(chat).toBe(group)
    expect(message.extendedTextMessage).toMatchObject({
      text: 'Spread this',
      contextInfo: { isForwarded: true },
    })
  })

  test('says what is missing', async () => {
    const source = await server.hears({ text: 'Stay here' })
    const forward = (name: string, body: object, jwt?: string) =>
      server.call(`POST /messages/${name}/forward`, body, { jwt })

    expect(await forward(source, {})).toEqual(failure(400, 'to_chat_jid is required'))
    expect(await forward(source, { to_chat_jid: '15559999999' })).toEqual(NOT_REGISTERED)
    expect(await forward(source, { to_chat_jid: '120363999999999999@g.us' })).toEqual(
      failure(404, 'failed to get group members: that group does not exist'),
    )
    expect(await forward('UNKNOWN', { to_chat_jid: chat_jid })).toEqual(
      failure(404, 'forward message requires stored message data'),
    )
    expect(await forward(source, { to_chat_jid: chat_jid }, await server.unlinked())).toEqual(NOT_VALID)
  })

  test("knows nothing of another device's messages", async () => {
    const source = await server.hears({ text: 'Private' })
    const { jwt } = await server.another()

    expect(await server.call(`POST /messages/${source}/forward`, { to_chat_jid: chat_jid }, { jwt })).toEqual(
      failure(404, 'forward message requires stored message data'),
    )
  })

  test('does not guess between chats that have a message with the same id', async () => {
    await server.hears({ text: 'One', id: 'SAMEID1' })
    await server.app.sandbox('POST', `/contacts/${server.contact}/send`, {
      text: 'Two',
      id: 'SAMEID1',
      group,
    })
    const { db } = server.app.parley.services
    await server.app.waitFor('both', async () => (await db('messages').where({ id: 'SAMEID1' })).length === 2)

    expect(await server.call('POST /messages/SAMEID1/forward', { to_chat_jid: chat_jid })).toEqual(
      failure(409, 'messages of several chats have this id'),
    )
  })
})

describe('POST /messages/{message_id}/star', () => {
  test('stars a message and takes the star off', async () => {
    const target = await server.hears({ text: 'Keep' })
    const [chat] = await server.app.parley.services.db('messages').where({ id: target }).pluck('chat')
    const star = (body: object) => server.call(`POST /messages/${target}/star`, { chat_jid, ...body })

    expect(await star({ star: true })).toEqual(success('Message starred successfully'))
    expect(await server.setting('star', chat, target, '0', '0')).toMatchObject({
      starAction: { starred: true },
    })
    expect(await star({})).toEqual(success('Message unstarred successfully'))
    expect(await server.setting('star', chat, target, '0', '0')).toMatchObject({
      starAction: { starred: false },
    })
  })

  test.each([
    [{ star: true }, failure(400, 'chat_jid is required')],
    [{ chat_jid, star: 'yes' }, failure(400, 'Failed to parse body request')],
    [{ chat_jid, star: true }, NOT_FOUND],
  ])('refuses %j', async (body, refusal) => {
    expect(await server.call('POST /messages/UNKNOWN/star', body)).toEqual(refusal)
  })
})

describe('POST /messages/media/retry-receipt', () => {
  const route = 'POST /messages/media/retry-receipt'
  const media_key = Buffer.alloc(32, 7).toString('base64')

  test('asks the own phone, whose answer is an event', async () => {
    const message_id = await server.hears({ image: true })
    const told: string[] = []
    const end = server.app.parley.services.events.listen((_user, recorded) => {
      told.push(...recorded.map(({ event }) => event.type))
    })

    const body = { chat_jid, sender_jid: chat_jid, message_id, media_key }
    expect(await server.call(route, body)).toEqual(success('Media retry receipt sent'))

    await server.app.waitFor('the answer', () => told.includes('media.retry'))
    end()
  })

  test.each([
    [{ message_id: ' ' }, 'chat_jid, sender_jid, message_id and media_key are required'],
    [{ media_key: '***' }, 'media_key must be base64'],
    [{ media_key: 5 }, 'Failed to parse body request'],
    [{ chat_jid: 'nothing' }, 'Phone number must be digits only and at least 6 characters'],
    [{ sender_jid: 'nothing' }, 'Phone number must be digits only and at least 6 characters'],
  ])('refuses %j', async (change, sentence) => {
    const body = { chat_jid, sender_jid: chat_jid, message_id: '3EB0X', media_key, ...change }

    expect(await server.call(route, body)).toEqual(failure(400, sentence))
  })
})

test('the state of a session is told in the words of the document', () => {
  const told = (code: 'not_connected' | 'not_logged_in') =>
    fail(new ApiError(code, { text: 'internal words' })).body

  expect(told('not_connected')).toMatchObject({ code: 500, message: 'WhatsApp Client is not Connected' })
  expect(told('not_logged_in')).toMatchObject({ code: 500, message: 'WhatsApp Client is not Logged In' })
})

test('a message is sent once when its request is repeated', async () => {
  const route = `POST /chats/${chat_jid}/messages`
  const headers = { 'Idempotency-Key': 'once' }

  const first = await server.call(route, { text: 'Once' }, { headers })
  const again = await server.call(route, { text: 'Once' }, { headers })

  expect(again).toEqual(first)
})
