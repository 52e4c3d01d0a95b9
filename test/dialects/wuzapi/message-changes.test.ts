import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
let group: string
const contact = '447900000601'
const contactJid = `${contact}@s.whatsapp.net`
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
  const made = await app.sandbox('POST', '/groups', { subject: 'Tea', participants: [user.phone, contact] })
  group = made.jid
})
afterAll(() => app.close())

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, user.token, body)
  return [status, json]
}

/** What the contact decrypted about the message with this id. */
function about(id: string, member: 'protocolMessage' | 'pinInChatMessage') {
  return app.waitFor(`a ${member} about ${id}`, async () => {
    const messages = await app.received(contact)
    const found = messages.find(({ message }) => message[member]?.key?.id === id)
    return found && { ...found.message, edit: found.attributes.edit }
  })
}

async function sendText(to: string): Promise<string> {
  const { json } = await app.post('/chat/send/text', user.token, { Phone: to, Body: 'hello' })
  return json.data.Id
}

describe('/chat/delete', () => {
  const path = '/chat/delete'

  test('deletes an own message and answers with its id', async () => {
    const Id = await sendText(contact)

    const { json } = await app.post(path, user.token, { Phone: contact, Id })

    expect(json).toEqual({
      code: 200,
      data: { Details: 'Deleted', Id, Timestamp: expect.any(Number) },
      success: true,
    })
    const { protocolMessage, edit } = await about(Id, 'protocolMessage')
    expect(edit).toBe('7')
    expect(protocolMessage).toMatchObject({ type: 'REVOKE', key: { id: Id, fromMe: true } })
    expect(protocolMessage.key.participant).toBeUndefined()
  })

  test.each([
    ['FOREIGN1', `${contact}.0:12@s.whatsapp.net`, contactJid],
    ['FOREIGN2', `${contact}@c.us`, contactJid],
    ['FOREIGN3', '12345@lid', '12345@lid'],
  ])("deletes another's message in a group, %s by %s", async (Id, SenderJID, participant) => {
    const { status } = await app.post(path, user.token, { Phone: group, Id, SenderJID })

    expect(status).toBe(200)
    const { protocolMessage, edit } = await about(Id, 'protocolMessage')
    expect(edit).toBe('8')
    expect(protocolMessage.key).toEqual({ remoteJid: group, fromMe: false, id: Id, participant })
  })

  test('knows its own JID', async () => {
    const SenderJID = `${user.phone}:3@s.whatsapp.net`

    await app.post(path, user.token, { Phone: contact, Id: 'OWN1', SenderJID })

    const { protocolMessage } = await about('OWN1', 'protocolMessage')
    expect(protocolMessage.key).toMatchObject({ fromMe: true })
  })

  const invalid = 'invalid SenderJID: expected a complete numeric user JID ending in @s.whatsapp.net or @lid'
  test.each([
    [{ Phone: 7 }, 'could not decode payload'],
    [{ Id: '' }, 'missing Phone in payload'],
    [{ Phone: 'a.b.c@g.us' }, 'missing Id in payload'],
    [{ Phone: 'a.b.c@g.us', Id: 'A', SenderJID: 'x' }, 'could not parse Phone'],
    [{ Phone: contact, Id: 'A', SenderJID: contact }, invalid],
    [{ Phone: contact, Id: 'A', SenderJID: 'me@s.whatsapp.net' }, invalid],
    [{ Phone: contact, Id: 'A', SenderJID: '1@g.us' }, invalid],
    [{ Phone: contact, Id: 'A', SenderJID: '1.256@s.whatsapp.net' }, invalid],
    [{ Phone: contact, Id: 'A', SenderJID: '1:65536@lid' }, invalid],
    [
      { Phone: contact, Id: 'A', SenderJID: contactJid },
      'SenderJID for another user is only supported in group chats',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/pin', () => {
  const path = '/chat/pin'
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

  test('pins a message of a group for a week', async () => {
    const Id = await sendText(group)

    const answer = await call(path, { Chat: group, Id, Sender: contact })

    expect(answer).toEqual([
      200,
      {
        code: 200,
        data: { Chat: group, Details: 'Message pinned', DurationSeconds: 604_800, Id, Timestamp: time },
        success: true,
      },
    ])
    const { pinInChatMessage, messageContextInfo, edit } = await about(Id, 'pinInChatMessage')
    expect(edit).toBe('2')
    expect(pinInChatMessage).toMatchObject({
      type: 'PIN_FOR_ALL',
      key: { remoteJid: group, fromMe: false, id: Id, participant: contactJid },
    })
    expect(messageContextInfo.messageAddOnDurationInSecs).toBe(604_800)
  })

  test('takes an own message down', async () => {
    const body = { Chat: `+${contact}`, Id: 'PIN2', Pin: false, DurationSeconds: 5 }

    const { json } = await app.post(path, user.token, body)

    expect(json.data).toEqual({ Chat: contactJid, Details: 'Message unpinned', Id: 'PIN2', Timestamp: time })
    const { pinInChatMessage } = await about('PIN2', 'pinInChatMessage')
    expect(pinInChatMessage).toMatchObject({ type: 'UNPIN_FOR_ALL', key: { fromMe: true, id: 'PIN2' } })
  })

  test.each([
    [{ Chat: contact, Id: 'A', DurationSeconds: -1 }, 'could not decode payload'],
    [{ Chat: contact, Id: 'A', Pin: 'yes' }, 'could not decode payload'],
    [{}, 'missing Chat in payload'],
    [{ Chat: 'a.b.c@g.us' }, 'missing Id in payload'],
    [{ Chat: 'a.b.c@g.us', Id: 'A', Sender: 'a.b.c@lid' }, 'invalid Chat JID'],
    [{ Chat: '1@g.us', Id: 'A', Sender: 'a.b.c@lid' }, 'invalid Sender JID'],
    [{ Chat: '1@g.us', Id: 'A', DurationSeconds: 5 }, 'missing Sender in payload for group chat'],
    [{ Chat: 'status@broadcast', Id: 'A' }, 'missing Sender in payload for group chat'],
    [
      { Chat: contact, Id: 'A', DurationSeconds: 5 },
      'invalid DurationSeconds, must be one of 86400, 604800, 2592000',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })

  test('says so, whatever the body, while the session has no connection', async () => {
    const fresh = await app.linkedUser()
    await app.sandbox('POST', '/faults', { kind: 'refuse-login', reason: 503, jid: fresh.phone })
    await app.sandbox('POST', '/disconnect', { jid: fresh.phone, drop: true })
    const session = app.parley.services.sessions.find(fresh.id)
    await app.waitFor('the connection to be lost', () => session?.status.connected === false)

    const { status, json } = await app.post(path, fresh.token, '{')

    expect([status, json]).toEqual([500, failure(500, 'not connected')])
  })
})

test.each([
  ['/chat/delete', { Phone: contact, Id: 'A' }, /^error sending message: .*463/],
  ['/chat/pin', { Chat: contact, Id: 'A' }, /^could not pin message: .*463/],
  ['/chat/pin', { Chat: contact, Id: 'A', Pin: false }, /^could not unpin message: .*463/],
])('%s says in its own words that WhatsApp refused %j', async (path, body, sentence) => {
  await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })

  const [status, json] = await call(path, body)

  expect(status).toBe(500)
  expect(json).toEqual({ code: 500, error: expect.stringMatching(sentence), success: false })
})
