import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { timersInHistory } from '../../src/whatsapp/inbound/chat-timers.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { picture } from '../helpers/media.ts'

const DAY = 86_400
const WEEK = 7 * DAY
let phones = 447900000470

// A message that says nothing of the timer stays on phones for ever, among others that disappear.
describe.each(databaseKinds)('on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  beforeAll(async () => {
    app = await TestApp.start({ database })
    user = await app.linkedUser()
  })
  afterAll(() => app.close())

  function contact(): Promise<string> {
    phones += 1
    return app.contact(String(phones))
  }

  /** Lets a contact say something; resolves when the timer is stored as it says. */
  async function hears(phone: string, content: object, seconds: number): Promise<void> {
    await app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, ...content })
    await app.waitFor('the timer', async () => {
      const rows = await app.parley.services.db('chat_timers').where({ user_id: user.id })
      return rows.some((row) => row.seconds === seconds)
    })
  }

  const setTo = (ephemeralExpiration: number) => ({
    message: { protocolMessage: { type: 'EPHEMERAL_SETTING', ephemeralExpiration } },
  })

  /** Sends something to a chat; gives its content as somebody there decrypts it. */
  async function sends(path: string, body: object, reader: string) {
    const { status, json } = await app.post(path, user.token, body)
    expect(status).toBe(200)
    const { message } = await app.waitFor(`message ${json.data.Id}`, async () =>
      (await app.received(reader)).find(({ id }) => id === json.data.Id),
    )
    return message
  }

  async function textIn(chat: string, reader = chat) {
    const { extendedTextMessage } = await sends('/chat/send/text', { Phone: chat, Body: 'Hi' }, reader)
    return extendedTextMessage.contextInfo
  }

  test('the timer that somebody sets holds until it is set otherwise', async () => {
    const phone = await contact()
    expect(await textIn(phone)).toBeUndefined()

    await hears(phone, setTo(WEEK), WEEK)
    const during = await textIn(phone)
    await hears(phone, setTo(0), 0)

    expect(during).toEqual({ expiration: WEEK, ephemeralSettingTimestamp: expect.stringMatching(/^\d{10}$/) })
    expect(await textIn(phone)).toBeUndefined()
  })

  test('the timer is learnt from a message that disappears', async () => {
    const phone = await contact()
    await hears(phone, { text: 'Hello', expiration: DAY }, DAY)

    expect(await textIn(phone)).toMatchObject({ expiration: DAY })
  })

  test('the timer that is set here holds, in every kind that can say so', async () => {
    const phone = await contact()
    const timer = { phone, timer: '90d' }
    expect((await app.post('/wago/chat/disappearing-timer', user.token, timer)).status).toBe(200)
    const Image = `data:image/png;base64,${(await picture('png', [8, 8])).toString('base64')}`

    const text = await sends(
      '/chat/send/text',
      { Phone: phone, Body: 'Hi', ContextInfo: { MentionedJID: [`${phone}@s.whatsapp.net`] } },
      phone,
    )
    const image = await sends('/chat/send/image', { Phone: phone, Image }, phone)
    const place = await sends('/chat/send/location', { Phone: phone, Latitude: 1, Longitude: 2 }, phone)
    const poll = await sends('/chat/send/poll', { group: phone, header: 'h', options: ['a', 'b'] }, phone)

    const expiration = 90 * DAY
    expect(text.extendedTextMessage.contextInfo).toMatchObject({
      expiration,
      mentionedJid: [`${phone}@s.whatsapp.net`],
    })
    for (const { contextInfo } of [image.imageMessage, place.locationMessage, poll.pollCreationMessageV3])
      expect(contextInfo).toMatchObject({ expiration })
  })

  test('groups have a timer of their own', async () => {
    const phone = await contact()
    const { json } = await app.post('/group/create', user.token, { Name: 'Group', Participants: [phone] })
    const group = json.data.JID
    expect(await textIn(group, phone)).toBeUndefined()

    await app.post('/group/ephemeral', user.token, { GroupJID: group, Duration: '7d' })

    await app.waitFor('the timer of the group', async () => (await textIn(group, phone))?.expiration === WEEK)
  })

  test('what somebody says about the future does not hold longer than what is said later', async () => {
    const phone = await contact()
    const context = { expiration: DAY, ephemeralSettingTimestamp: 9_999_999_999 }
    await hears(phone, { message: { extendedTextMessage: { text: 'x', contextInfo: context } } }, DAY)

    await hears(phone, setTo(WEEK), WEEK)

    await app.waitFor('the later one', async () => (await textIn(phone))?.expiration === WEEK)
  })
})

test('a history tells the timers of chats with one person', () => {
  const chat = { ephemeralExpiration: WEEK, ephemeralSettingTimestamp: 1_750_000_000 }
  const conversations = [
    { id: '491@s.whatsapp.net', ...chat },
    { id: '492@lid' },
    { id: '493@g.us', ...chat },
    { id: '494@lid', ephemeralExpiration: 4_000_000_000 },
  ]

  expect(timersInHistory('me', { conversations, syncType: 0 })).toEqual([
    { userId: 'me', chat: '491@s.whatsapp.net', seconds: WEEK, setAt: 1_750_000_000 },
  ])
})
