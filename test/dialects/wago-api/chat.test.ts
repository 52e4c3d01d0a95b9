import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { Conversation } from './conversation.ts'
import { failure, Wago } from './wago.ts'

const done = [200, { success: true, result: true }]

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  let group: string
  let talk: Conversation
  beforeAll(async () => {
    wago = await Wago.start({ database })
    talk = new Conversation(wago)
    const participants = [wago.user.phone, wago.contact]
    group = (await wago.app.sandbox('POST', '/groups', { subject: 'Team', participants })).jid
  })
  afterAll(() => wago.stop())

  async function call(route: string, body: object): Promise<[number, ReturnType<typeof JSON.parse>]> {
    const { status, json } = await wago.call(`/chat/${route}/main`, body)
    return [status, json]
  }

  /** What else than messages the contact has noticed. */
  async function noticed(tag: string): Promise<{ attrs: Record<string, string>; children: string[] }[]> {
    const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
    return observations.filter((one: { tag: string }) => one.tag === tag)
  }

  /** A contact nobody has written to yet. */
  async function stranger(phone: string, name: string): Promise<Conversation> {
    await wago.app.contact(phone, { name })
    return new Conversation(Object.create(wago, { contact: { value: phone } }))
  }

  test('typing, recording and stopping are shown to the contact', async () => {
    const chatId = wago.contact
    const before = (await noticed('chatstate')).length

    expect(await call('sendStateTyping', { chatId })).toEqual(done)
    expect(await call('sendStateRecording', { chatId })).toEqual(done)
    expect(await call('clearState', { chatId })).toEqual(done)

    const states = await wago.app.waitFor('three states', async () => {
      const seen = (await noticed('chatstate')).slice(before)
      return seen.length >= 3 ? seen : undefined
    })
    expect(states.map(({ children }) => children)).toEqual([['composing'], ['composing'], ['paused']])
  })

  describe('/chat/sendSeen', () => {
    test('tells the contact that its messages were read, and takes the mark as unread away', async () => {
      const id = await talk.hears({ text: 'Read me' })
      await call('markUnread', { chatId: wago.contactJid })

      expect(await call('sendSeen', { chatId: `${wago.contact}@c.us` })).toEqual(done)

      await wago.app.waitFor('the receipt', async () =>
        (await noticed('receipt')).find(({ attrs }) => attrs.type === 'read' && attrs.id === id),
      )
      expect(await talk.setting('markChatAsRead', wago.contactJid)).toMatchObject({
        markChatAsReadAction: { read: true },
      })
    })

    test('does not mind a chat without messages', async () => {
      expect(await call('sendSeen', { chatId: '491719999990' })).toEqual(done)
    })
  })

  test('/chat/markUnread marks a chat on the own devices', async () => {
    expect(await call('markUnread', { chatId: group })).toEqual(done)

    expect(await talk.setting('markChatAsRead', group)).toMatchObject({
      markChatAsReadAction: { read: false, messageRange: { lastMessageTimestamp: expect.any(String) } },
    })
  })

  test('/chat/delete removes a chat with its files on the own devices', async () => {
    expect(await call('delete', { chatId: wago.contact })).toEqual(done)

    expect(await talk.setting('deleteChat', wago.contactJid, '1')).toHaveProperty('deleteChatAction')
  })

  describe('/chat/fetchMessages', () => {
    const ben = '491711234570'
    const chatId = `${ben}@s.whatsapp.net`
    let withBen: Conversation
    let greeting: string
    let answer: string
    beforeAll(async () => {
      withBen = await stranger(ben, 'Ben')
      greeting = await withBen.hears({ text: 'Hello!' })
      const { json } = await wago.call('/client/sendMessage/main', { chatId, text: 'Good morning' })
      answer = json.messageId
      await withBen.hears({ image: { caption: 'look', data: 'aGVsbG8=', mimetype: 'image/jpeg' } })
      // Reactions are about messages and none themselves.
      await withBen.hearsAbout(answer, { reaction: { id: answer, emoji: '👍' } })
      await wago.call('/message/react/main', { chatId, messageId: greeting, reaction: '👍' })
    })

    async function messages(searchOptions?: object, chat = chatId) {
      const [status, json] = await call('fetchMessages', { chatId: chat, searchOptions })
      expect([status, json.success]).toEqual([200, true])
      return json.messages
    }

    test('tells what was said, oldest first, in the words of the events', async () => {
      expect(await messages({ limit: 20 })).toEqual([
        {
          id: greeting,
          chat: chatId,
          sender: chatId,
          pushName: 'Ben',
          body: 'Hello!',
          type: 'text',
          timestamp: expect.any(Number),
          isGroup: false,
          isFromMe: false,
        },
        expect.objectContaining({
          id: answer,
          chat: chatId,
          sender: wago.ownJid,
          body: 'Good morning',
          type: 'text',
          isFromMe: true,
        }),
        expect.objectContaining({ body: 'look', type: 'image', hasMedia: true, mimetype: 'image/jpeg' }),
      ])
    })

    test('tells the newest ones and those of one side', async () => {
      const bodies = async (options: object) =>
        (await messages(options)).map(({ body }: { body: string }) => body)

      expect(await bodies({ limit: 1 })).toEqual(['look'])
      expect(await bodies({ fromMe: true })).toEqual(['Good morning'])
      expect(await bodies({ fromMe: false, limit: 0 })).toEqual(['Hello!', 'look'])
    })

    test('knows a chat by number and by both addresses of the person', async () => {
      const [{ lid }] = (await wago.app.sandbox('GET', '/contacts')).filter(
        ({ phone }: { phone: string }) => phone === ben,
      )

      expect(await messages({}, ben)).toHaveLength(3)
      expect(await messages({}, `${ben}@c.us`)).toHaveLength(3)
      expect(await messages({}, lid)).toHaveLength(3)
      expect(await messages({}, '491719999991')).toEqual([])
    })

    test('tells edited texts and leaves deleted messages out', async () => {
      const typo = await withBen.hears({ text: 'Wrold' })
      const regret = await withBen.hears({ text: 'Regret' })
      const hidden = await withBen.hears({ text: 'Hidden' })
      const { json } = await wago.call('/client/sendMessage/main', { chatId, text: 'teh end' })
      await withBen.hearsAbout(typo, { edit: { id: typo, text: 'World' } })
      await withBen.hearsAbout(regret, { revoke: regret })
      await wago.call('/message/edit/main', { chatId, messageId: json.messageId, text: 'the end' })
      await wago.call('/message/delete/main', { chatId, messageId: hidden })

      const said = (await messages()).map(({ body }: { body: string }) => body)

      expect(said).toEqual(['Hello!', 'Good morning', 'look', 'World', 'the end'])
    })

    test("believes nobody who changes somebody else's message", async () => {
      const { json } = await wago.call('/client/sendMessage/main', { chatId, text: 'Unchanged' })
      const key = { id: json.messageId, remoteJid: chatId }
      const change = (protocolMessage: object) =>
        withBen.hearsAbout(json.messageId, { message: { protocolMessage: { ...protocolMessage, key } } })

      await change({ type: 'REVOKE' })
      await change({ type: 'MESSAGE_EDIT', editedMessage: { conversation: 'Forged' } })

      expect((await messages({ limit: 1 }))[0].body).toBe('Unchanged')
    })

    test('tells who wrote what in a group', async () => {
      await talk.hears({ text: 'Team news' }, { group })

      expect(await messages({ limit: 1 }, group)).toEqual([
        expect.objectContaining({ chat: group, sender: wago.contactJid, pushName: 'Ann', isGroup: true }),
      ])
    })
  })

  describe('/chat/syncHistory', () => {
    test('asks the phone for older messages', async () => {
      await talk.hears({ text: 'Anchor' })

      expect(await call('syncHistory', { chatId: wago.contact, count: 5 })).toEqual(done)
    })

    test('wants a message to go back from', async () => {
      expect(await call('syncHistory', { chatId: '491719999992' })).toEqual([
        404,
        failure('no message of this chat is known to go back from'),
      ])
    })
  })

  test('/chat/getContact tells what is known of a person', async () => {
    await talk.hears({ text: 'Hi' })

    const [status, { contact }] = await call('getContact', { chatId: wago.contact })

    expect(status).toBe(200)
    expect(contact).toEqual({
      jid: wago.contactJid,
      found: true,
      firstName: expect.any(String),
      fullName: expect.any(String),
      pushName: 'Ann',
      businessName: '',
    })
    const unknown = await call('getContact', { chatId: '491719999993' })
    expect(unknown[1].contact).toMatchObject({ found: false, pushName: '' })
  })

  test('/chat/changeLabels gives a chat labels, and /chat/getLabels tells them', async () => {
    const labelsOf = async () => (await call('getLabels', { chatId: wago.contact }))[1].labels
    const make = (labelId: string, name: string) =>
      wago.call('/client/editLabel/main', { labelId, name, color: 3 })
    await make('1', 'New customer')
    await make('2', 'Paid')
    const change = (labelIds: string[]) => call('changeLabels', { chatId: wago.contact, labelIds })
    /** The store learns of it when the account's devices do. */
    const labelled = (...ids: string[]) =>
      wago.app.waitFor(`the labels ${ids}`, async () => {
        const found: { id: string }[] = await labelsOf()
        return found.map(({ id }) => id).join() === ids.join()
      })

    expect(await change(['1'])).toEqual([200, { success: true }])
    await labelled('1')
    expect(await labelsOf()).toEqual([{ id: '1', name: 'New customer', color: 3 }])
    await change(['2'])
    await labelled('2')
    await change([])
    await labelled()
    expect(await talk.setting('label_jid', '2', wago.contactJid)).toMatchObject({
      labelAssociationAction: { labeled: false },
    })
  })

  test('/chat/changeLabels finds labels under the other address of a person', async () => {
    await talk.hears({ text: 'Hello' })
    const { accounts } = await wago.app.sandbox('GET', '/state')
    const { lid } = accounts.find(({ phone }: { phone: string }) => phone === wago.contact)
    for (const labelId of ['6', '7']) await wago.call('/client/editLabel/main', { labelId, name: labelId })
    const labelled = (expected: string) =>
      wago.app.waitFor(`the labels ${expected}`, async () => {
        const { labels } = (await call('getLabels', { chatId: wago.contact }))[1]
        return labels.map(({ id }: { id: string }) => id).join() === expected
      })
    await wago.call('/client/addOrRemoveLabels/main', { labelId: '6', chatId: lid })
    await labelled('6')

    await call('changeLabels', { chatId: wago.contact, labelIds: ['7'] })

    await labelled('7')
    expect(await talk.setting('label_jid', '7', lid)).toMatchObject({
      labelAssociationAction: { labeled: true },
    })
  })

  test.each([
    ['fetchMessages', { searchOptions: { limit: 'many' } }],
    ['fetchMessages', { searchOptions: { limit: 1.5 } }],
    ['fetchMessages', { searchOptions: 'all' }],
    ['syncHistory', { count: '5' }],
    ['changeLabels', { labelIds: [7] }],
  ])('/chat/%s refuses %j', async (route, body) => {
    expect(await call(route, { chatId: wago.contact, ...body })).toEqual([
      400,
      failure('Invalid request body'),
    ])
  })

  test.each(['sendSeen', 'markUnread', 'delete'])('/chat/%s tells that WhatsApp refused', async (route) => {
    const query = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 500, text: 'broken', times: 1 }
    await wago.app.sandbox('POST', '/faults', query)

    const [status, { success }] = await call(route, { chatId: wago.contact })

    expect([status, success]).toEqual([500, false])
  })
})

test('what the phone tells of the past is listed too, if the user keeps a history', async () => {
  const wago = await Wago.start()
  const { app, user, contact } = wago
  try {
    await app.request('PUT', `/admin/users/${user.id}`, { admin: true, body: { history: 100 } })
    const talk = new Conversation(wago)
    const id = await talk.hears({ text: 'From the past' })
    await talk.hears({ text: 'Now' })
    // As if it had been written before this device was linked.
    const { db } = app.parley.services
    await db('messages').where({ user_id: user.id, id }).delete()
    await db('message_history').where({ user_id: user.id, message_id: id }).delete()

    await wago.call('/chat/syncHistory/main', { chatId: contact })

    const bodies = async () =>
      (await wago.call('/chat/fetchMessages/main', { chatId: contact })).json.messages.map(
        ({ body }: { body: string }) => body,
      )
    await app.waitFor('the past', async () => (await bodies()).includes('From the past'))
    expect(await bodies()).toEqual(['From the past', 'Now'])
  } finally {
    await wago.stop()
  }
})
