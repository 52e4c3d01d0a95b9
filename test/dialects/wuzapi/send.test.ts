import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000401'
const contactJid = `${contact}@s.whatsapp.net`
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

/** A reply that mentions and forwards. */
const context = {
  ContextInfo: {
    StanzaID: 'AA3DSE28UDJES3',
    Participant: contactJid,
    MentionedJID: [contactJid],
    IsForwarded: true,
  },
  QuotedMessage: { conversation: 'the original' },
}
const arrivedContext = {
  stanzaId: 'AA3DSE28UDJES3',
  participant: contactJid,
  mentionedJid: [contactJid],
  isForwarded: true,
  quotedMessage: { conversation: 'the original' },
}

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, user.token, body)
  return [status, json]
}

/** Sends something and yields the answer's data with what the contact decrypted. */
async function sends(path: string, body: object) {
  const { json } = await app.post(path, user.token, body)
  expect(json).toMatchObject({ code: 200, success: true })
  const received = await app.waitFor(`message ${json.data.Id}`, async () =>
    (await app.received(contact)).find((message) => message.id === json.data.Id),
  )
  return { data: json.data, message: received.message }
}

const sent = {
  Details: 'Sent',
  Id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
  Timestamp: expect.any(Number),
}

describe('/chat/send/text', () => {
  test('goes out alone when its link leads to a place this server must not reach', async () => {
    const { message } = await sends('/chat/send/text', {
      Phone: contact,
      Body: `look at ${app.url}/ please`,
      LinkPreview: true,
    })

    expect(message.extendedTextMessage).toEqual({ text: `look at ${app.url}/ please` })
  })
})

describe('/chat/send/location', () => {
  const path = '/chat/send/location'

  test('arrives with its name, as a reply', async () => {
    const { data, message } = await sends(path, {
      Phone: contact,
      Latitude: 48.85837,
      Longitude: 2.294481,
      Name: 'Paris',
      ...context,
    })

    expect(data).toEqual(sent)
    expect(message.locationMessage).toMatchObject({
      degreesLatitude: 48.85837,
      degreesLongitude: 2.294481,
      name: 'Paris',
      contextInfo: arrivedContext,
    })
  })

  test('has the id given', async () => {
    const place = { Phone: contact, Latitude: -1, Longitude: -2, Id: crypto.randomUUID() }

    const { data, message } = await sends(path, place)

    expect(data.Id).toBe(place.Id)
    expect(message.locationMessage).toEqual({ degreesLatitude: -1, degreesLongitude: -2 })
  })

  test.each([
    ['{', 'could not decode Payload'],
    [{ Phone: contact, Latitude: '1', Longitude: 2 }, 'could not decode Payload'],
    [{ Latitude: 1, Longitude: 'x' }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us' }, 'missing Latitude in Payload'],
    [{ Phone: contact, Latitude: 0, Longitude: 0 }, 'missing Latitude in Payload'],
    [{ Phone: contact, Latitude: 1, Longitude: 0 }, 'missing Longitude in Payload'],
    [
      { Phone: 'a.b.c@g.us', Latitude: 1, Longitude: 2, ContextInfo: { StanzaID: '' } },
      'could not parse Phone',
    ],
    [
      { Phone: contact, Latitude: 1, Longitude: 2, ContextInfo: { StanzaID: '' } },
      'missing Participant in ContextInfo',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/send/contact', () => {
  const path = '/chat/send/contact'
  const Vcard = 'BEGIN:VCARD\nVERSION:3.0\nN:Doe;John;;;\nFN:John Doe\nEND:VCARD'

  test('arrives with its card untouched, as a reply', async () => {
    const { data, message } = await sends(path, { Phone: contact, Name: 'Casa', Vcard, ...context })

    expect(data).toEqual(sent)
    expect(message.contactMessage).toMatchObject({
      displayName: 'Casa',
      vcard: Vcard,
      contextInfo: arrivedContext,
    })
  })

  test.each([
    [{ Name: 7 }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us' }, 'missing Name in Payload'],
    [{ Phone: 'a.b.c@g.us', Name: 'x' }, 'missing Vcard in Payload'],
    [{ Phone: 'a.b.c@g.us', Name: 'x', Vcard: 'y' }, 'could not parse Phone'],
    [
      { Phone: contact, Name: 'x', Vcard, ContextInfo: { Participant: '' } },
      'missing StanzaID in ContextInfo',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/send/poll', () => {
  const path = '/chat/send/poll'

  test('arrives with a secret for its votes, and is answered without a time', async () => {
    const { data, message } = await sends(path, { group: contact, header: 'Tea?', options: ['yes', 'no'] })

    expect(data).toEqual({ Details: 'Poll sent successfully', Id: sent.Id })
    expect(message.pollCreationMessageV3).toEqual({
      name: 'Tea?',
      options: [{ optionName: 'yes' }, { optionName: 'no' }],
      selectableOptionsCount: 1,
    })
    expect(Buffer.from(message.messageContextInfo.messageSecret, 'base64')).toHaveLength(32)
  })

  test('reaches everybody in a group', async () => {
    const { jid } = await app.sandbox('POST', '/groups', {
      subject: 'Tea',
      participants: [contact, user.phone],
    })

    const { message } = await sends(path, { group: jid, header: 'Tea?', options: ['yes', 'no'], id: 'POLL1' })

    expect(message.pollCreationMessageV3.name).toBe('Tea?')
  })

  test.each([
    [{ options: 'yes' }, 'could not decode payload'],
    [{ group: contact, header: 'h', options: ['a', 7] }, 'could not decode payload'],
    [{}, 'missing Grouop in payload'],
    [{ group: 'a.b.c@g.us' }, 'missing Header in payload'],
    [{ group: 'a.b.c@g.us', header: 'h' }, 'at least 2 options are required'],
    [{ group: 'a.b.c@g.us', header: 'h', options: ['a'] }, 'at least 2 options are required'],
    [{ group: 'a.b.c@g.us', header: 'h', options: ['a', 'b'] }, 'could not parse Phone'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('/chat/send/edit', () => {
  const path = '/chat/send/edit'

  /** The change of this message, once the contact has decrypted it. */
  function changeOf(id: string) {
    return app.waitFor(`a change of ${id}`, async () => {
      const messages = await app.received(contact)
      return messages.find(({ message }) => message.protocolMessage?.key?.id === id)
    })
  }

  test('changes a message and answers with its id', async () => {
    const { data } = await sends('/chat/send/text', { Phone: contact, Body: 'helo' })

    const { json } = await app.post(path, user.token, { Phone: contact, Body: 'hello', Id: data.Id })

    expect(json.data).toEqual({ Details: 'Sent', Id: data.Id, Timestamp: expect.any(Number) })
    const { id, message, attributes } = await changeOf(data.Id)
    expect(id).not.toBe(data.Id)
    expect(attributes.edit).toBe('1')
    expect(message.protocolMessage).toMatchObject({
      type: 'MESSAGE_EDIT',
      key: { fromMe: true, id: data.Id },
      editedMessage: { extendedTextMessage: { text: 'hello' } },
    })
  })

  test('quotes and mentions, and is never a forward', async () => {
    await app.post(path, user.token, { Phone: contact, Body: 'x', Id: 'EDIT2', ...context })

    const { message } = await changeOf('EDIT2')
    const { isForwarded: _left, ...others } = arrivedContext
    expect(message.protocolMessage.editedMessage.extendedTextMessage.contextInfo).toEqual({
      ...others,
      quotedMessage: { conversation: '' },
    })
  })

  test.each([
    [{ Body: [] }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: 'a.b.c@g.us' }, 'missing Body in Payload'],
    [{ Phone: 'a.b.c@g.us', Body: 'x' }, 'could not parse Phone'],
    [{ Phone: contact, Body: 'x', ContextInfo: { StanzaID: 'A' } }, 'missing Participant in ContextInfo'],
    [{ Phone: contact, Body: 'x' }, 'missing Id in Payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(path, body)).toEqual([400, failure(400, sentence)])
  })
})

describe('a message WhatsApp refuses', () => {
  const place = { Phone: contact, Latitude: 1, Longitude: 2 }
  const poll = { group: contact, header: 'h', options: ['a', 'b'] }

  test.each([
    ['/chat/send/location', place, /^error sending message: .*463/],
    ['/chat/send/poll', poll, /^failed to send poll: .*463/],
    ['/chat/send/edit', { Phone: contact, Body: 'x', Id: 'A' }, /^error sending edit message: .*463/],
  ])('%s says so in its own words', async (path, body, sentence) => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })

    const { status, json } = await app.post(path, user.token, body)

    expect(status).toBe(500)
    expect(json).toEqual({ code: 500, error: expect.stringMatching(sentence), success: false })
  })
})
