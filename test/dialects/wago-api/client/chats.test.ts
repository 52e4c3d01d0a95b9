import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../../helpers/database.ts'
import { startReceiver } from '../../../helpers/receiver.ts'
import { failure, Wago } from '../wago.ts'

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  let group: string
  beforeAll(async () => {
    wago = await Wago.start({ database })
    const participants = [wago.user.phone, wago.contact]
    group = (await wago.app.sandbox('POST', '/groups', { subject: 'Team', participants })).jid
  })
  afterAll(() => wago.stop())

  async function call(path: string, body?: unknown) {
    const { status, json } = await wago.call(`/client/${path}/main`, body)
    return [status, json]
  }

  async function getChats(query = '') {
    const { json } = await wago.get(`/client/getChats/main${query}`)
    return json.chats
  }

  /** Lets the contact write and waits until it has arrived; gives the id of the message. */
  async function hears(text: string, to: object = { to: wago.user.phone }): Promise<string> {
    const { id } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, { ...to, text })
    await arrived(id)
    return id
  }

  async function arrived(id: string): Promise<void> {
    await wago.app.waitFor('the message', async () => {
      const { db } = wago.app.parley.services
      return db('messages').where({ user_id: wago.user.id, id }).first()
    })
  }

  interface Receipt {
    tag: string
    attrs: Record<string, string>
    /** `list` when it is for several messages, of which `attrs.id` is one. */
    children: string[]
  }

  /** The read receipts the contact has got. */
  async function readReceipts(): Promise<Receipt[]> {
    const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
    return observations.filter(({ tag, attrs }: Receipt) => tag === 'receipt' && attrs.type === 'read')
  }

  async function isSeen(id: string): Promise<boolean> {
    return (await readReceipts()).some(({ attrs }) => attrs.id === id)
  }

  const team = {
    jid: expect.stringMatching(/@g\.us$/),
    name: 'Team',
    topic: '',
    owner: expect.stringMatching(/^\d+@s\.whatsapp\.net$/),
    isAnnounce: false,
    isLocked: false,
    createdAt: expect.any(Number),
  }

  test('groups are listed, and people too if wanted', async () => {
    await hears('Hello')

    const groups = await getChats()
    const all = await getChats('?type=all')

    expect(groups).toMatchObject([team])
    expect(groups[0].participants).toContainEqual(
      expect.objectContaining({ jid: wago.ownJid, isAdmin: true, isSuperAdmin: true }),
    )
    expect(all).toMatchObject([
      team,
      { jid: wago.contactJid, name: 'Ann', lastMessageAt: expect.any(Number) },
    ])
    expect(all[1].lastMessageAt).toBeGreaterThan(Date.now() / 1000 - 600)
  })

  test('a person is one chat, whichever address messages came from', async () => {
    await hears('By number', { to: wago.ownJid })
    await hears('By LID')

    const { db } = wago.app.parley.services
    const people = (await db('messages').distinct('chat').pluck('chat')).filter(
      (chat) => !/g\.us$/.test(chat),
    )
    expect(people).toHaveLength(2)
    expect((await getChats('?type=all')).slice(1)).toMatchObject([{ jid: wago.contactJid, name: 'Ann' }])
  })

  test('the list can be cut, to so many people', async () => {
    const other = await wago.app.contact('491719999998')
    const { id } = await wago.app.sandbox('POST', `/contacts/${other}/send`, {
      to: wago.user.phone,
      text: 'Hi',
    })
    await arrived(id)
    await hears('By number', { to: wago.ownJid })
    await hears('By LID')

    expect(await getChats('?limit=0')).toEqual([])
    expect(await getChats('?limit=1&type=all')).toHaveLength(2)
    expect((await getChats('?limit=2&type=all')).slice(1)).toMatchObject([
      { jid: wago.contactJid },
      { jid: `${other}@s.whatsapp.net` },
    ])
  })

  test('a chat is a group, a channel or a person', async () => {
    await hears('Hello again')
    const { json } = await wago.call('/client/createChannel/main', { title: 'News' })

    const [, asGroup] = await call('getChatById', { chatId: group })
    const [, asChannel] = await call('getChatById', { chatId: json.result.id })
    const [, asPerson] = await call('getChatById', { chatId: wago.contact })
    const [, asStranger] = await call('getChatById', { chatId: '491719999999' })

    expect(asGroup).toMatchObject({ success: true, chat: team })
    expect(asChannel).toMatchObject({ chat: { name: 'News', role: 'owner', state: 'active' } })
    expect(asPerson).toEqual({
      success: true,
      chat: { jid: wago.contactJid, name: 'Ann', lastMessageAt: expect.any(Number) },
    })
    expect(asPerson.chat.lastMessageAt).toBeGreaterThan(0)
    expect(asStranger.chat).toEqual({ jid: '491719999999@s.whatsapp.net', name: '', lastMessageAt: 0 })
  })

  test('a group the account is not in is refused', async () => {
    expect(await call('getChatById', { chatId: '120363999999999999@g.us' })).toEqual([
      500,
      failure(expect.stringContaining('404')),
    ])
  })

  test('the newest messages of a chat are marked read', async () => {
    await hears('One')
    await hears('Two')
    expect(await readReceipts()).toEqual([])

    expect(await call('sendSeen', { chatId: wago.contact })).toEqual([200, { success: true, result: true }])

    await expect
      .poll(async () => (await readReceipts()).map(({ children }) => children))
      .toContainEqual(['list'])
  })

  test('named messages of a group are marked read, whoever wrote them', async () => {
    const first = await hears('One', { group })
    const second = await hears('Two', { group })

    expect((await call('sendSeen', { chatId: group, messageIds: [second] }))[0]).toBe(200)
    await wago.app.waitFor('the receipt', () => isSeen(second))
    expect(await isSeen(first)).toBe(false)

    const named = { chatId: group, messageIds: [first], sender: wago.contact }
    expect((await call('sendSeen', named))[0]).toBe(200)
    await wago.app.waitFor('the receipt', () => isSeen(first))
  })

  test('a chat nobody wrote in has nothing to be marked', async () => {
    expect((await call('sendSeen', { chatId: '491719999999' }))[0]).toBe(200)
  })

  test('older messages are asked of the phone', async () => {
    const receiver = await startReceiver()
    await wago.app.post('/webhook', wago.user.token, { webhookURL: receiver.url, events: ['HistorySync'] })
    await hears('Something to go back from')

    const asked = await call('syncHistory', { chatId: wago.contact, count: 10 })
    const synced = await receiver.next('HistorySync')
    await receiver.close()

    expect(asked).toEqual([200, { success: true, result: true }])
    // Nothing is older than the oldest known message, but for what was written in the same second.
    expect(JSON.stringify(synced.event)).toMatch(/"conversations":\[\{"ID":"\d+@lid"/)
  })

  test('nothing is asked for about a chat of which nothing is known', async () => {
    expect(await call('syncHistory', { chatId: '491719999999' })).toEqual([
      404,
      failure('no message of this chat is known to go back from'),
    ])
  })
})

describe('what the phone shares', () => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start()
  })
  afterAll(() => wago.stop())

  async function call(path: string, body: object = {}) {
    const { status, json } = await wago.call(`/client/${path}/main`, { chatId: wago.contact, ...body })
    return [status, json]
  }

  /** What the phone knows of the settings it shares: the newest value of one. */
  async function setting(name: string) {
    const { settings } = await wago.app.sandbox('GET', `/contacts/${wago.user.phone}/settings`)
    const index = [name, wago.contactJid].join()
    return settings.find((one: { index: string[] }) => one.index.join() === index)?.value
  }

  const done = [200, { success: true, result: true }]
  const accepted = [200, { success: true }]

  test('chats are archived and brought back', async () => {
    expect(await call('archiveChat')).toEqual(done)
    expect(await setting('archive')).toMatchObject({ archiveChatAction: { archived: true } })

    expect(await call('unarchiveChat')).toEqual(done)
    expect(await setting('archive')).toMatchObject({ archiveChatAction: { archived: false } })
  })

  test('chats are pinned and let go', async () => {
    expect(await call('pinChat')).toEqual(done)
    expect(await setting('pin_v1')).toMatchObject({ pinAction: { pinned: true } })

    expect(await call('unpinChat')).toEqual(done)
    expect(await setting('pin_v1')).toMatchObject({ pinAction: { pinned: false } })
  })

  test('chats are marked unread', async () => {
    expect(await call('markChatUnread')).toEqual(accepted)
    expect(await setting('markChatAsRead')).toMatchObject({ markChatAsReadAction: { read: false } })
  })

  test('chats are silenced for ever and let be heard again', async () => {
    expect(await call('muteChat')).toEqual(accepted)
    expect(await setting('mute')).toMatchObject({ muteAction: { muted: true, muteEndTimestamp: '-1' } })

    expect(await call('unmuteChat')).toEqual(done)
    expect(await setting('mute')).toMatchObject({ muteAction: { muted: false } })
  })

  const instant = Math.floor(Date.now() / 1000) + 7200
  test.each([
    ['a date', new Date(instant * 1000).toISOString()],
    ['unix seconds', instant],
    ['unix seconds in text', String(instant)],
    ['unix milliseconds', instant * 1000],
    ['a duration', 7200],
  ])('chats are silenced until %s', async (_, unmuteDate) => {
    expect(await call('muteChat', { unmuteDate })).toEqual(accepted)

    const { muteAction } = await setting('mute')
    expect(muteAction.muted).toBe(true)
    expect(Math.abs(Number(muteAction.muteEndTimestamp) - instant * 1000)).toBeLessThan(120_000)
  })

  test('a refusal of WhatsApp is told', async () => {
    const query = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 500, text: 'broken', times: 1 }
    await wago.app.sandbox('POST', '/faults', query)

    expect(await call('pinChat')).toEqual([500, failure(expect.any(String))])
  })
})
