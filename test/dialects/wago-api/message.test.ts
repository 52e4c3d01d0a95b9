import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { picture } from '../../helpers/media.ts'
import { sealedVote } from '../../whatsapp/inbound/poll-ballot.ts'
import { Conversation, messageNotFound } from './conversation.ts'
import { failure, Wago } from './wago.ts'

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

  async function call(path: string, body: object): Promise<[number, ReturnType<typeof JSON.parse>]> {
    const { status, json } = await wago.call(`${path}/main`, body)
    return [status, json]
  }

  async function send(text: string, chatId = wago.contactJid): Promise<string> {
    const [, { messageId }] = await call('/client/sendMessage', { chatId, text })
    return messageId
  }

  const sent = { success: true, messageId: expect.stringMatching(/^3EB0/), timestamp: expect.any(Number) }
  const done = [200, { success: true, result: true }]

  describe('/message/reply', () => {
    test('quotes a message of the contact with its text', async () => {
      const messageId = await talk.hears({ text: 'Are you there?' })

      const answer = await call('/message/reply', {
        chatId: wago.contactJid,
        messageId,
        sender: '',
        text: 'Yes',
      })

      expect(answer).toEqual([200, sent])
      expect((await talk.arrived(answer[1].messageId)).message.extendedTextMessage).toMatchObject({
        text: 'Yes',
        contextInfo: {
          stanzaId: messageId,
          participant: expect.stringMatching(/^\d+@lid$/),
          quotedMessage: { conversation: 'Are you there?' },
        },
      })
    })

    test('quotes an own message, and without what that one quoted', async () => {
      const first = await talk.hears({ text: 'One' })
      const [, second] = await call('/message/reply', {
        chatId: wago.contact,
        messageId: first,
        content: 'Two',
      })

      const [, third] = await call('/message/reply', {
        chatId: `${wago.contact}@c.us`,
        messageId: `true_${wago.contact}@c.us_${second.messageId}`,
        contentType: 'string',
        content: 'Three',
      })

      const { contextInfo } = (await talk.arrived(third.messageId)).message.extendedTextMessage
      expect(contextInfo.stanzaId).toBe(second.messageId)
      expect(contextInfo.quotedMessage.extendedTextMessage).toEqual({ text: 'Two' })
    })

    test('names the author in a group', async () => {
      const messageId = await talk.hears({ text: 'Who comes?' }, { group })

      const [status, { messageId: id }] = await call('/message/reply', {
        chatId: group,
        messageId,
        text: 'Me',
      })

      expect(status).toBe(200)
      const { contextInfo } = (await talk.arrived(id)).message.extendedTextMessage
      expect(contextInfo).toMatchObject({
        stanzaId: messageId,
        participant: expect.stringMatching(/^\d+@(lid|s\.whatsapp\.net)$/),
        quotedMessage: { conversation: 'Who comes?' },
      })
    })

    test('takes the word of the caller for a message that is not stored', async () => {
      const body = { chatId: wago.contactJid, messageId: 'OLD1', sender: wago.contact, text: 'Late' }

      const [status, { messageId }] = await call('/message/reply', body)

      expect(status).toBe(200)
      expect((await talk.arrived(messageId)).message.extendedTextMessage.contextInfo).toMatchObject({
        stanzaId: 'OLD1',
        participant: wago.contactJid,
      })
    })

    test('is also made by sendMessage with quotedMessageId', async () => {
      const quotedMessageId = await talk.hears({ image: true })

      const [, { messageId }] = await call('/client/sendMessage', {
        chatId: wago.contactJid,
        contentType: 'string',
        content: 'Nice',
        options: { quotedMessageId, mentions: [`${wago.contact}@c.us`] },
      })

      const { contextInfo } = (await talk.arrived(messageId)).message.extendedTextMessage
      expect(contextInfo).toMatchObject({ stanzaId: quotedMessageId, mentionedJid: [wago.contactJid] })
      expect(contextInfo.quotedMessage.imageMessage.mimetype).toMatch(/^image\//)
    })
  })

  describe('/message/forward', () => {
    const forward = (messageId: string, destinationChatId = group) =>
      call('/message/forward', { chatId: wago.contactJid, messageId, destinationChatId })

    test('sends a text once more, marked as forwarded', async () => {
      const messageId = await talk.hears({ text: 'Spread this' })

      const answer = await forward(messageId)

      expect(answer).toEqual([200, sent])
      const { chat, message } = await talk.arrived(answer[1].messageId)
      expect(chat).toBe(group)
      expect(message.extendedTextMessage).toMatchObject({
        text: 'Spread this',
        contextInfo: { isForwarded: true, forwardingScore: 1 },
      })
    })

    test('sends a file without uploading it again, and an own message unmarked', async () => {
      const image = await talk.hears({ image: { caption: 'look' } })
      const own = await send('Mine')

      const [, forwarded] = await forward(image)
      const [, unmarked] = await forward(own)

      const { message } = await talk.arrived(forwarded.messageId)
      expect(message.imageMessage).toMatchObject({ caption: 'look', contextInfo: { isForwarded: true } })
      expect((await talk.file(forwarded.messageId)).length).toBeGreaterThan(0)
      const { extendedTextMessage } = (await talk.arrived(unmarked.messageId)).message
      expect(extendedTextMessage.text).toBe('Mine')
      expect(extendedTextMessage.contextInfo?.isForwarded).toBeFalsy()
    })

    test('sends a poll with a secret of its own', async () => {
      const poll = await talk.hears({ poll: { name: 'Tea?', options: ['Yes', 'No'] } })

      const [, { messageId }] = await forward(poll)

      const { message } = await talk.arrived(messageId)
      expect(message.pollCreationMessageV3.name).toBe('Tea?')
      const [given] = (await wago.app.received(wago.contact)).filter(({ id }) => id === messageId)
      expect(given.message.messageContextInfo.messageSecret).toMatch(/^.{44}$/)
    })

    test('refuses what can be viewed once, and knows nothing of unknown messages', async () => {
      const once = await talk.hears({ image: { viewOnce: true } })

      expect(await forward(once)).toEqual([
        400,
        failure('a message that can be viewed once cannot be forwarded'),
      ])
      expect(await forward('UNKNOWN')).toEqual(messageNotFound)
    })

    test('sends no file of a chat to a channel', async () => {
      const image = await talk.hears({ image: true })

      const [status, { error }] = await forward(image, '120363222222222222@newsletter')

      expect([status, error]).toEqual([501, expect.stringMatching(/^files of chats are encrypted/)])
    })
  })

  describe('/message/react and /message/getReactions', () => {
    const reactionsTo = async (messageId: string, chatId = wago.contactJid) =>
      (await call('/message/getReactions', { chatId, messageId }))[1].result

    test('puts an emoji on a message of the contact and takes it back', async () => {
      const messageId = await talk.hears({ text: 'Done' })
      const target = { chatId: wago.contactJid, messageId }

      const answer = await call('/message/react', { ...target, reaction: '👍' })

      expect(answer).toEqual([200, sent])
      expect((await talk.about(messageId, 'reactionMessage')).reactionMessage).toMatchObject({
        text: '👍',
        key: { id: messageId, fromMe: false },
      })
      expect(await reactionsTo(messageId)).toEqual([
        { id: '👍', senders: [{ senderId: wago.ownJid, timestamp: answer[1].timestamp }] },
      ])
      await call('/message/react', { ...target, reaction: '' })
      expect(await reactionsTo(messageId)).toEqual([])
    })

    test('puts an emoji on an own message, and tells who reacted with what', async () => {
      const messageId = await send('Party!')
      await talk.hearsAbout(messageId, { reaction: { id: messageId, emoji: '🎉' } })
      await call('/message/react', { chatId: wago.contact, messageId, reaction: '🎉' })

      const { reactionMessage } = await talk.about(messageId, 'reactionMessage')
      expect(reactionMessage.key).toMatchObject({ fromMe: true })
      expect(await reactionsTo(messageId)).toEqual([
        {
          id: '🎉',
          // Within one second nobody knows who came first.
          senders: expect.arrayContaining([
            { senderId: wago.contactJid, timestamp: expect.any(Number) },
            { senderId: wago.ownJid, timestamp: expect.any(Number) },
          ]),
        },
      ])

      await talk.hearsAbout(messageId, { reaction: { id: messageId, emoji: '' } })
      expect(await reactionsTo(messageId)).toMatchObject([{ senders: [{ senderId: wago.ownJid }] }])
    })

    test('names the author in a group', async () => {
      const messageId = await talk.hears({ text: 'Meeting' }, { group })

      await call('/message/react', { chatId: group, messageId, reaction: '✅' })

      const { reactionMessage } = await talk.about(messageId, 'reactionMessage')
      expect(reactionMessage.key.participant).toMatch(/^\d+@(lid|s\.whatsapp\.net)$/)
      expect(await reactionsTo(messageId, group)).toMatchObject([{ id: '✅' }])
      expect(await call('/message/getReactions', { chatId: wago.contactJid, messageId })).toEqual(
        messageNotFound,
      )
    })

    test('takes the word of the caller for messages that are not stored, but not nothing', async () => {
      const unknown = { chatId: wago.contactJid, messageId: 'OLD2', reaction: '👍' }

      expect(await call('/message/react', unknown)).toEqual(messageNotFound)
      expect((await call('/message/react', { ...unknown, fromMe: true }))[0]).toBe(200)
      const { reactionMessage } = await talk.about('OLD2', 'reactionMessage')
      expect(reactionMessage.key).toMatchObject({ fromMe: true })
      expect(await reactionsTo('OLD2')).toMatchObject([{ id: '👍' }])
    })
  })

  test.each([
    ['/message/react', { reaction: '👍' }],
    ['/message/delete', { everyone: true }],
  ])('%s happens once when the request is repeated', async (path, change) => {
    const body = { chatId: wago.contactJid, messageId: await send('Changed once'), ...change }
    const headers = { 'idempotency-key': path }

    const first = await wago.request('POST', `${path}/main`, { body, headers })
    const again = await wago.request('POST', `${path}/main`, { body, headers })

    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text])
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })

  describe('/message/getPollVotes', () => {
    const votesIn = (messageId: string) =>
      call('/message/getPollVotes', { chatId: wago.contactJid, messageId })

    test('tells the newest vote of everybody', async () => {
      const [, { messageId }] = await call('/client/sendPoll', {
        chatId: wago.contactJid,
        pollName: 'Lunch?',
        pollOptions: ['Yes', 'No'],
      })
      const { messageContextInfo } = (await talk.arrived(messageId)).message
      const vote = (options: string[]) =>
        talk.hearsAbout(messageId, {
          message: {
            pollUpdateMessage: {
              pollCreationMessageKey: { id: messageId, remoteJid: wago.ownJid },
              vote: sealedVote({
                pollId: messageId,
                voter: wago.contactJid,
                creator: wago.ownJid,
                secret: Buffer.from(messageContextInfo.messageSecret, 'base64'),
                options,
              }),
            },
          },
        })
      expect(await votesIn(messageId)).toEqual([200, { success: true, votes: [] }])

      await vote(['No'])
      await vote(['Yes'])
      const voter = wago.contactJid
      expect(await votesIn(messageId)).toEqual([
        200,
        { success: true, votes: [{ voter, selectedOptions: ['Yes'], timestamp: expect.any(Number) }] },
      ])

      await vote([])
      expect(await votesIn(messageId)).toEqual([200, { success: true, votes: [] }])
    })

    test('wants a poll that is known', async () => {
      expect(await votesIn('UNKNOWN')).toEqual(messageNotFound)
      expect(await votesIn(await send('no poll'))).toEqual([400, failure('Message is not a poll')])
    })
  })

  describe('/message/edit', () => {
    test.each(['text', 'content'])('changes an own text by %s', async (field) => {
      const messageId = await send('teh')

      const answer = await call('/message/edit', { chatId: wago.contactJid, messageId, [field]: 'the' })

      expect(answer).toEqual([200, { ...sent, messageId }])
      const { protocolMessage } = await talk.about(messageId, 'protocolMessage')
      expect(protocolMessage).toMatchObject({
        type: 'MESSAGE_EDIT',
        key: { id: messageId, fromMe: true },
        editedMessage: { extendedTextMessage: { text: 'the' } },
      })
    })

    test('changes the caption of an own picture, which stays', async () => {
      const [, { messageId }] = await call('/client/sendMessage', {
        chatId: wago.contactJid,
        mediaBase64: (await picture('png', [8, 8])).toString('base64'),
        caption: 'teh cat',
      })

      const answer = await call('/message/edit', { chatId: wago.contactJid, messageId, text: 'the cat' })

      expect(answer).toEqual([200, { ...sent, messageId }])
      const { protocolMessage } = await talk.about(messageId, 'protocolMessage')
      expect(protocolMessage.editedMessage).toEqual({ imageMessage: { caption: 'the cat' } })
    })

    test('refuses others’ messages, other content and unknown messages', async () => {
      const edit = (messageId: string) =>
        call('/message/edit', { chatId: wago.contactJid, messageId, text: 'x' })
      const [, poll] = await call('/client/sendPoll', {
        chatId: wago.contactJid,
        question: 'Sure?',
        options: ['Yes', 'No'],
      })

      expect(await edit(await talk.hears({ text: 'Mine' }))).toEqual([
        400,
        failure('only your own messages can be edited'),
      ])
      expect(await edit(poll.messageId)).toEqual([
        400,
        failure('only a text or the caption of a file can be edited'),
      ])
      expect(await edit('UNKNOWN')).toEqual(messageNotFound)
    })
  })

  describe('/message/delete', () => {
    test('deletes an own message for everyone', async () => {
      const messageId = await send('Oops')

      const answer = await call('/message/delete', { chatId: wago.contactJid, messageId, everyone: true })

      expect(answer).toEqual(done)
      const { protocolMessage } = await talk.about(messageId, 'protocolMessage')
      expect(protocolMessage).toMatchObject({ type: 'REVOKE', key: { id: messageId, fromMe: true } })
    })

    test("deletes another's message in a group as its admin would", async () => {
      const messageId = await talk.hears({ text: 'Spam' }, { group })

      expect(await call('/message/delete', { chatId: group, messageId, everyone: true })).toEqual(done)

      const { protocolMessage } = await talk.about(messageId, 'protocolMessage')
      expect(protocolMessage.key).toMatchObject({ fromMe: false, participant: expect.any(String) })
    })

    test('deletes a message on the own devices only', async () => {
      const messageId = await talk.hears({ text: 'Not for me' })
      const target = { chatId: wago.contactJid, messageId }

      expect(await call('/message/delete', { ...target, clearMedia: false })).toEqual(done)

      const [chat] = await wago.app.parley.services.db('messages').where({ id: messageId }).pluck('chat')
      expect(await talk.setting('deleteMessageForMe', chat, messageId, '0', '0')).toMatchObject({
        deleteMessageForMeAction: { messageTimestamp: expect.stringMatching(/^\d{10}$/) },
      })
    })

    test("refuses others' messages for everyone in chats of two, and unknown ones", async () => {
      const messageId = await talk.hears({ text: 'Stays' })
      const revoke = (id: string) =>
        call('/message/delete', { chatId: wago.contactJid, messageId: id, everyone: true })

      expect(await revoke(messageId)).toEqual([
        400,
        failure("others' messages can be deleted for everyone in groups only, by their admins"),
      ])
      expect(await revoke('UNKNOWN')).toEqual(messageNotFound)
    })
  })

  describe('/message/star and /message/unstar', () => {
    test('stars a message of a group by its author and takes the star off', async () => {
      const messageId = await talk.hears({ text: 'Keep' }, { group })
      const target = { chatId: group, messageId }
      const { db } = wago.app.parley.services
      const [sender] = await db('messages').where({ id: messageId }).pluck('sender')
      const index = ['star', group, messageId, '0', sender.replace(/:\d+@/, '@')]

      expect(await call('/message/star', target)).toEqual(done)
      expect(await talk.setting(...index)).toMatchObject({ starAction: { starred: true } })
      expect(await call('/message/unstar', target)).toEqual(done)
      expect(await talk.setting(...index)).toMatchObject({ starAction: { starred: false } })
    })

    test('stars an own message', async () => {
      const messageId = await send('Mine')

      expect(await call('/message/star', { chatId: wago.contactJid, messageId })).toEqual(done)

      const [chat] = await wago.app.parley.services.db('messages').where({ id: messageId }).pluck('chat')
      expect(await talk.setting('star', chat, messageId, '1', '0')).toHaveProperty('starAction')
    })

    test.each(['/message/star', '/message/unstar'])('%s knows nothing of unknown messages', async (path) => {
      expect(await call(path, { chatId: wago.contactJid, messageId: 'UNKNOWN' })).toEqual(messageNotFound)
    })
  })

  describe('/message/downloadMedia and /message/downloadMediaAsData', () => {
    const hello = Buffer.from('hello').toString('base64')

    test('give a file that was received', async () => {
      const document = { data: hello, mimetype: 'text/plain', fileName: 'a.txt' }
      const messageId = await talk.hears({ document })
      const target = { chatId: wago.contactJid, messageId }
      const file = { mimetype: 'text/plain', data: hello, filename: 'a.txt' }

      expect(await call('/message/downloadMedia', target)).toEqual([
        200,
        { success: true, messageMedia: { ...file, filesize: 5 } },
      ])
      expect(await call('/message/downloadMediaAsData', target)).toEqual([200, { success: true, ...file }])
    })

    test('ask the phone for a file that has expired', async () => {
      const messageId = await talk.hears({ document: { data: hello, fileName: 'b.txt' } })
      await wago.app.sandbox('POST', '/faults', { kind: 'expire-media', times: 1 })

      const [, { data }] = await call('/message/downloadMediaAsData', { chatId: wago.contactJid, messageId })

      expect(data).toBe(hello)
    })

    test.each(['downloadMedia', 'downloadMediaAsData'])('%s wants a message with a file', async (route) => {
      const download = (messageId: string) =>
        call(`/message/${route}`, { chatId: wago.contactJid, messageId })

      expect(await download('UNKNOWN')).toEqual(messageNotFound)
      expect(await download(await send('no file'))).toEqual([400, failure('Message media not found')])
    })
  })
})
