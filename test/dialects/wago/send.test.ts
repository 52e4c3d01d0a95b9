import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, RFC3339, refused, success, Wago } from './wago.ts'

let wago: Wago
let group: string
beforeAll(async () => {
  wago = await Wago.start()
  group = await wago.newGroup()
})
afterAll(() => wago.close())

describe('/send/text', () => {
  test('reaches the contact under the id that was given', async () => {
    const [status, json] = await wago.call('/send/text', {
      Phone: wago.contact,
      Body: 'How you doing?',
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    })

    expect([status, json]).toEqual([
      200,
      success({ Details: 'Sent', Id: 'ABCDABCD1234', Timestamp: expect.stringMatching(RFC3339) }),
    ])
    expect(await wago.arrived('ABCDABCD1234')).toMatchObject({ text: 'How you doing?' })
  })

  test('makes an id where none is given', async () => {
    const [, { data }] = await wago.call('/send/text', { Phone: wago.contact, Body: 'Hi', Id: '' })

    expect(data.Id).toMatch(/^3EB0[0-9A-F]+$/)
    await wago.arrived(data.Id)
  })

  test('sends a message once, however often its id comes', async () => {
    const body = { Phone: wago.contact, Body: 'Once', Id: 'ONCE1234' }

    const answers = [await wago.call('/send/text', body), await wago.call('/send/text', body)]

    expect(answers[1]).toEqual(answers[0])
    await wago.arrives('/send/text', { Body: 'After' })
    const received = await wago.app.received(wago.contact)
    expect(received.filter(({ text }) => text === 'Once')).toHaveLength(1)
  })

  test.each([
    ['a number', (phone: string) => phone],
    ['a number with a plus', (phone: string) => `+${phone}`],
    ['a JID', (phone: string) => `${phone}@s.whatsapp.net`],
    ['the older JID', (phone: string) => `${phone}@c.us`],
  ])('takes %s', async (_kind, name) => {
    const [, { data }] = await wago.call('/send/text', { Phone: name(wago.contact), Body: 'Hi' })

    expect(await wago.arrived(data.Id)).toMatchObject({ text: 'Hi' })
  })

  test('reaches a group', async () => {
    const message = await wago.arrives('/send/text', { Phone: group, Body: 'Hello all' })

    expect(message).toMatchObject({ chat: group, text: 'Hello all' })
  })

  test('quotes a message, in a chat and in a group', async () => {
    const asked = await wago.hears({ text: 'Where?' })
    const askedInGroup = await wago.hears({ group, text: 'When?' })

    const reply = await wago.arrives('/send/text', { Body: 'Here', ContextInfo: { StanzaId: asked } })
    const inGroup = await wago.arrives('/send/text', {
      Phone: group,
      Body: 'Now',
      ContextInfo: { stanzaId: askedInGroup, participant: wago.contactJid },
    })

    expect(reply.message.extendedTextMessage.contextInfo).toMatchObject({
      stanzaId: asked,
      // As the message that is quoted names its author: by LID, as phones write since 2026.
      participant: expect.stringMatching(/@lid$/),
    })
    expect(inGroup.message.extendedTextMessage.contextInfo).toMatchObject({ stanzaId: askedInGroup })
  })

  test('mentions people', async () => {
    const message = await wago.arrives('/send/text', {
      Phone: group,
      Body: `@${wago.contact} look`,
      ContextInfo: { MentionedJid: [wago.contactJid] },
    })

    expect(message.message.extendedTextMessage.contextInfo.mentionedJid).toHaveLength(1)
  })

  test.each([{ Forward: true }, { forward: true }, { ContextInfo: { IsForwarded: true } }])(
    'marks it as forwarded with %j',
    async (field) => {
      const message = await wago.arrives('/send/text', { Body: 'Have you heard?', ...field })

      expect(message.message.extendedTextMessage.contextInfo).toMatchObject({ isForwarded: true })
    },
  )

  test.each([
    [{ ContextInfo: { StanzaId: 7 } }, 'could not decode payload'],
    [{ ContextInfo: { StanzaId: 'A', Participant: {} } }, 'could not decode payload'],
    [{ ContextInfo: { MentionedJid: 'Maria' } }, 'could not decode payload'],
    [{ ContextInfo: { IsForwarded: 'yes' } }, 'could not decode payload'],
    [{ ContextInfo: [] }, 'could not decode payload'],
    [{ Forward: 'yes' }, 'could not decode payload'],
    [{ Phone: '120363000000000000@g.us', ContextInfo: { StanzaId: 'A' } }, 'missing Participant in payload'],
  ])('refuses %j', async (field, sentence) => {
    expect(await wago.call('/send/text', { Phone: wago.contact, Body: 'Hi', ...field })).toEqual(
      refused(sentence),
    )
  })

  test('says what WhatsApp refused', async () => {
    await wago.app.sandbox('POST', '/faults', {
      kind: 'refuse-message',
      code: 479,
      times: 1,
      jid: wago.user.phone,
    })

    const [status, json] = await wago.call('/send/text', { Phone: wago.contact, Body: 'Hi' })

    expect([status, json]).toEqual([500, failure(500, expect.stringContaining('479'))])
  })

  test('goes from the session of the token, and from no other', async () => {
    const other = await wago.app.linkedUser({ events: '' })

    const [, { data }] = await wago.call('/send/text', { Phone: wago.contact, Body: 'Mine' }, other.token)

    expect(JSON.stringify(await wago.arrived(data.Id))).toContain(other.phone)
  })
})

describe('/send/poll', () => {
  const poll = { Question: 'What is the color of the sky?', MaxAnswer: 1, Options: ['red', 'blue', 7] }

  test('asks with the options in their order', async () => {
    const { message } = await wago.arrives('/send/poll', poll)

    const asked = message.pollCreationMessageV3 ?? message.pollCreationMessage
    expect(asked).toMatchObject({
      name: 'What is the color of the sky?',
      options: [{ optionName: 'red' }, { optionName: 'blue' }, { optionName: '7' }],
      selectableOptionsCount: 1,
    })
  })

  test('lets as many be chosen as wanted', async () => {
    const any = await wago.arrives('/send/poll', { ...poll, MaxAnswer: 0 })
    const two = await wago.arrives('/send/poll', { ...poll, MaxAnswer: 2 })

    expect(any.message.pollCreationMessage ?? any.message.pollCreationMessageV3).toMatchObject({
      name: poll.Question,
    })
    expect(two.message.pollCreationMessage).toMatchObject({ selectableOptionsCount: 2 })
  })

  test.each([
    [{ Options: [] }, 'at least 2 options are required'],
    [{ Options: ['red'] }, 'at least 2 options are required'],
    [{ MaxAnswer: 4 }, 'MaxAnswer must not be more than there are options'],
    [{ MaxAnswer: -1 }, 'MaxAnswer must not be negative'],
    [{ MaxAnswer: 1.5 }, 'could not decode payload'],
    [{ Options: [true, false] }, 'could not decode payload'],
    [{ Options: ['red', ''] }, expect.any(String)],
  ])('refuses %j', async (field, sentence) => {
    expect(await wago.call('/send/poll', { Phone: wago.contact, ...poll, ...field })).toEqual(
      refused(sentence),
    )
  })
})

describe('/send/location', () => {
  test('shows the place with its name', async () => {
    const { message } = await wago.arrives('/send/location', {
      Name: 'Party',
      Latitude: 48.85837,
      Longitude: 2.294481,
    })

    expect(message.locationMessage).toMatchObject({
      degreesLatitude: 48.85837,
      degreesLongitude: 2.294481,
      name: 'Party',
    })
  })

  test('takes the place where both lines cross', async () => {
    const { message } = await wago.arrives('/send/location', { Latitude: 0, Longitude: 0 })

    expect(message.locationMessage).toMatchObject({ degreesLatitude: 0, degreesLongitude: 0 })
  })

  test.each([
    [{ Latitude: 91 }, 'Latitude is out of range'],
    [{ Longitude: -181 }, 'Longitude is out of range'],
    [{ Latitude: '48' }, 'could not decode payload'],
  ])('refuses %j', async (field, sentence) => {
    const body = { Phone: wago.contact, Latitude: 1, Longitude: 1, ...field }

    expect(await wago.call('/send/location', body)).toEqual(refused(sentence))
  })
})

describe('/send/contact', () => {
  test('sends a card made of the fields', async () => {
    const { message } = await wago.arrives('/send/contact', {
      Vcard: { FullName: 'Salman; "S"', Phone: '+7927839289', Organization: 'John Doe' },
    })

    const { displayName, vcard } = message.contactMessage
    expect(displayName).toBe('Salman; "S"')
    expect(vcard).toMatch(/^BEGIN:VCARD\r?\nVERSION:3\.0\r?\n/)
    expect(vcard).toContain('waid=7927839289')
    expect(vcard).toMatch(/ORG:John Doe/)
    expect(vcard).toMatch(/FN:Salman\\; "S"/)
  })

  test.each([
    [{ Vcard: {} }, 'missing FullName in payload'],
    [{ Vcard: { FullName: 'Salman' } }, 'missing Phone in payload'],
    [{ Vcard: { FullName: '', Phone: '7927839289' } }, 'missing FullName in payload'],
    [{ Vcard: { FullName: 'Salman', Phone: 7927839289 } }, 'could not decode payload'],
    [{ Vcard: { FullName: 'Salman', Phone: '7927839289', Organization: {} } }, 'could not decode payload'],
    [{ Vcard: 'BEGIN:VCARD' }, 'could not decode payload'],
  ])('refuses %j', async (field, sentence) => {
    expect(await wago.call('/send/contact', { Phone: wago.contact, ...field })).toEqual(refused(sentence))
  })
})
