import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000201'
const contactJid = `${contact}@s.whatsapp.net`
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

const done = (Details: string) => ({ code: 200, data: { Details }, success: true })

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, user.token, body)
  return [status, json]
}

/** The message with this id, once the contact has decrypted it. */
function arrived(id: string) {
  return app.waitFor(`message ${id}`, async () =>
    (await app.received(contact)).find((message) => message.id === id),
  )
}

/** A stanza the contact saw. */
function observed(tag: string, matches: (seen: Record<string, string>) => boolean) {
  return app.waitFor(`a ${tag}`, async () => {
    const { observations } = await app.sandbox('GET', `/contacts/${contact}/observations`)
    return observations.find(
      (seen: { tag: string; attrs: Record<string, string> }) => seen.tag === tag && matches(seen.attrs),
    )
  })
}

describe('/chat/send/text', () => {
  const path = '/chat/send/text'

  test('answers with the id and the time in unix seconds', async () => {
    const { status, text, json } = await app.post(path, user.token, { Phone: contact, Body: 'hello' })

    expect(status).toBe(200)
    expect(json.data).toEqual({
      Details: 'Sent',
      Id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
      Timestamp: expect.any(Number),
    })
    expect(Math.abs(json.data.Timestamp - Date.now() / 1000)).toBeLessThan(60)
    expect(text.endsWith('"success":true}\n')).toBe(true)
    expect(await arrived(json.data.Id)).toMatchObject({ text: 'hello' })
  })

  test.each([contact, `+${contact}`, ` ${contactJid} `])('reaches %j, with the id given', async (Phone) => {
    const Id = crypto.randomUUID()

    const { json } = await app.post(path, user.token, { phone: Phone, BODY: 'hi', id: Id, LinkPreview: true })

    expect(json.data.Id).toBe(Id)
    expect(await arrived(Id)).toMatchObject({ text: 'hi' })
  })

  test('replies, mentions and forwards', async () => {
    const { json } = await app.post(path, user.token, {
      Phone: contact,
      Body: 'ditto',
      ContextInfo: {
        StanzaId: 'AA3DSE28UDJES3',
        participant: contactJid,
        MentionedJID: [contactJid],
        IsForwarded: true,
      },
      QuotedText: 'the original',
    })

    const { message } = await arrived(json.data.Id)
    expect(message.extendedTextMessage.contextInfo).toMatchObject({
      stanzaId: 'AA3DSE28UDJES3',
      participant: contactJid,
      mentionedJid: [contactJid],
      isForwarded: true,
      quotedMessage: { extendedTextMessage: { text: 'the original' } },
    })
  })

  test.each([
    ['{', 'could not decode Payload'],
    [{ Phone: 7, Body: '' }, 'could not decode Payload'],
    [{ Phone: contact, Body: 'x', ContextInfo: 'AA' }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: null, Body: 'x' }, 'missing Phone in Payload'],
    [{ Phone: 'x' }, 'missing Body in Payload'],
    [{ Phone: '  ', Body: 'x' }, 'Phone is empty'],
    [{ Phone: 'a.b.c@s.whatsapp.net', Body: 'x', ContextInfo: { StanzaID: 'A' } }, 'could not parse Phone'],
    [{ Phone: contact, Body: 'x', ContextInfo: { StanzaID: '' } }, 'missing Participant in ContextInfo'],
    [{ Phone: contact, Body: 'x', ContextInfo: { Participant: 'A' } }, 'missing StanzaID in ContextInfo'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/react', () => {
  const path = '/chat/react'

  test('puts an emoji on an own message and answers with its id', async () => {
    const sent = await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'react to me' })
    const { Id } = sent.json.data

    const { json } = await app.post(path, user.token, { Phone: contact, Body: '❤️', Id: `me:${Id}` })

    expect(json.data).toEqual({ Details: 'Sent', Id, Timestamp: expect.any(Number) })
    const { message } = await app.waitFor('the reaction', async () =>
      (await app.received(contact)).find((one) => one.message.reactionMessage?.key.id === Id),
    )
    expect(message.reactionMessage).toMatchObject({ text: '❤️', key: { fromMe: true } })
  })

  test('takes it back with the word remove', async () => {
    await app.post(path, user.token, { Phone: contact, Body: 'remove', Id: 'AABBCC' })

    const { message } = await app.waitFor('the reaction', async () =>
      (await app.received(contact)).find((one) => one.message.reactionMessage?.key.id === 'AABBCC'),
    )
    expect(message.reactionMessage).toMatchObject({ text: '', key: { fromMe: false } })
  })

  test.each([
    [{ Phone: [] }, 'could not decode Payload'],
    [{ Body: '', Id: '' }, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us', Body: '' }, 'missing Body in Payload'],
    [{ Phone: 'a.b.c@g.us', Body: 'x' }, 'could not parse Group JID'],
    [{ Phone: contact, Body: 'x' }, 'missing Id in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/presence', () => {
  const path = '/chat/presence'

  test('shows typing to the contact', async () => {
    const answer = await call(path, { Phone: contact, State: 'composing', Media: 'audio' })

    expect(answer).toEqual([200, done('Chat presence set successfuly')])
    await observed('chatstate', ({ from }) => from?.startsWith(user.phone) === true)
  })

  test.each([
    [{ State: 7 }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us' }, 'missing State in Payload'],
    [{ Phone: 'a.b.c@g.us', State: 'composing' }, 'could not parse Phone'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/markread', () => {
  const path = '/chat/markread'

  test.each([
    ['AABB0001', { ChatPhone: contact }],
    ['AABB0002', { Chat: `${contact}.0:1@s.whatsapp.net` }],
    ['AABB0003', { Chat: contact, SenderPhone: contact }],
  ])('tells the contact that %s was read in %j', async (id, chat) => {
    expect(await call(path, { Id: [id], ...chat })).toEqual([200, done('Message(s) marked as read')])

    await observed('receipt', (attrs) => attrs.id === id && attrs.type === 'read')
  })

  test.each([
    [{ Id: 'AABB', ChatPhone: contact }, 'could not decode Payload'],
    [{ Chat: 'a.b.c@s.whatsapp.net', ChatPhone: contact, Id: ['A'] }, 'could not decode Payload'],
    [{ Chat: contact, Sender: 'a.b.c@s.whatsapp.net' }, 'could not decode Payload'],
    [{ ChatPhone: 'a.b.c@s.whatsapp.net' }, 'could not parse ChatPhone'],
    [{ SenderPhone: 'a.b.c@s.whatsapp.net' }, 'missing ChatPhone in Payload'],
    [{ ChatPhone: contact, SenderPhone: 'a.b.c@s.whatsapp.net' }, 'could not parse SenderPhone'],
    [{ ChatPhone: contact }, 'missing Id in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/user/check', () => {
  const path = '/user/check'

  test('lists who is on WhatsApp, in the order asked, and leaves nobody out who has a JID', async () => {
    const { status, json } = await app.post(path, user.token, { Phone: [`+${contact}`, user.phone] })

    expect(status).toBe(200)
    expect(json.data.Users).toEqual([
      { IsInWhatsapp: true, JID: contactJid, Query: `+${contact}`, VerifiedName: '' },
      {
        IsInWhatsapp: true,
        JID: `${user.phone}@s.whatsapp.net`,
        Query: user.phone,
        VerifiedName: '',
      },
    ])
  })

  test.each([
    [{ Phone: contact }, 'could not decode Payload'],
    [{ Phone: [7] }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: [] }, 'missing Phone in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/user/presence', () => {
  test('is set', async () => {
    expect(await call('/user/presence', { type: 'available' })).toEqual([
      200,
      done('Presence set successfuly'),
    ])
  })

  test.each([
    [{ type: 7 }, 'could not decode Payload'],
    [{}, "invalid presence type. Allowed values: 'available', 'unavailable'"],
    [{ type: 'busy' }, "invalid presence type. Allowed values: 'available', 'unavailable'"],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/user/presence', body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/user/presence/subscribe', () => {
  test('is requested', async () => {
    expect(await call('/user/presence/subscribe', { Phone: contact })).toEqual([
      200,
      done('Presence subscription requested successfully'),
    ])
  })

  test.each([
    [{ Phone: 7 }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@s.whatsapp.net' }, 'could not parse Phone'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/user/presence/subscribe', body)).toEqual([400, failure(400, sentence)])
  })
})
