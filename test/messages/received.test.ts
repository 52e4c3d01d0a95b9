import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../helpers/database.ts'
import { Talk } from './conversation.ts'
import { matching } from './matching.ts'
import { type ReceivedKind, receivedKinds } from './received-kinds.ts'

const contents = receivedKinds.filter(({ isAbout }) => !isAbout)
const files = contents.filter(({ file }) => file)

describe.each(databaseKinds)('what people send, on %s:', (database) => {
  let talk: Talk
  let listed: Awaited<ReturnType<Talk['list']>>

  beforeAll(async () => {
    talk = await Talk.start(database, receivedKinds)
    for (const kind of contents) await talk.told('wsgo', kind)
    listed = await talk.list()
  })
  afterAll(() => talk.close())

  describe.each(receivedKinds)('$name', (kind) => {
    test('is told by wuzapi and WaGo with its content', async () => {
      for (const dialect of ['wuzapi', 'wago'] as const) {
        const { event } = await talk.told(dialect, kind)
        expect(event.Message[kind.member]).toEqual(expect.anything())
        expect(event.Message).toMatchObject({ [kind.member]: matching(kind.holds ?? {}) })
      }
      const told = await talk.told('wuzapi', kind)
      if (kind.beside) expect(told).toMatchObject(kind.beside)
      expect(told).not.toHaveProperty('sealed')
    })

    test('is told by wago-api in its words', async () => {
      if (kind.type === null) {
        // What came after it has been told.
        await talk.told('multisession', kind)
        expect(talk.find('wago-api', talk.idOf(kind))).toBeUndefined()
        return
      }
      const { data } = await talk.told('wago-api', kind)
      expect(data).toMatchObject({ type: kind.type, body: kind.text, ...(matching(kind.extras) as object) })
      expect(data.hasMedia).toBe(kind.file ? true : undefined)
    })

    test('is told by wsgo if somebody wrote it', async () => {
      if (kind.isAbout) {
        await talk.told('wuzapi', kind)
        expect(talk.find('wsgo', talk.idOf(kind))).toBeUndefined()
      } else expect((await talk.told('wsgo', kind)).data.text).toBe(kind.text)
    })

    test('is told by multisession', async () => {
      if (kind.type === 'revoked') return
      expect((await talk.told('multisession', kind)).data).toMatchObject({ is_from_me: false })
    })

    test('is in the history', async () => {
      await talk.told('wuzapi', kind)
      const entry = (await talk.history()).get(talk.idOf(kind))
      if (kind.history === null) expect(entry).toBeUndefined()
      else expect([entry?.message_type, entry?.text_content]).toEqual(matching(kind.history))
    })
  })

  test.each(files)('the file of a $name is in the event, and can be downloaded later', async (kind) => {
    const { base64, fileName } = await talk.told('wuzapi', kind)
    const messageId = talk.idOf(kind)
    const chatId = talk.device.contactJid
    const { messageMedia } = await talk.call('/message/downloadMedia', { chatId, messageId })

    expect(messageMedia).toMatchObject({ mimetype: kind.file })
    expect(messageMedia.filesize).toBeGreaterThan(10)
    expect(base64).toBe(messageMedia.data)
    expect(fileName.startsWith(messageId)).toBe(true)
  })

  test.each(contents)('a $name can be quoted', async (kind: ReceivedKind) => {
    const { app, contact, contactJid: chatId } = talk.device
    const reply = { chatId, messageId: talk.idOf(kind), text: `About ${kind.name}` }

    const { messageId } = await talk.call('/message/reply', reply)

    const arrived = await app.waitFor('the answer', async () =>
      (await app.received(contact)).find(({ id }) => id === messageId),
    )
    const { contextInfo } = arrived.message.extendedTextMessage
    expect(contextInfo.stanzaId).toBe(talk.idOf(kind))
    expect(Object.keys(contextInfo.quotedMessage).length).toBe(1)
  })

  test.each(contents)('a $name is in the lists of multisession', (kind) => {
    expect(listed.get(talk.idOf(kind))).toMatchObject({ type: kind.listed ?? kind.type, text: kind.text })
  })

  test('what is sealed and cannot be opened is told as such, and never as an empty message', async () => {
    const { app, device } = talk.device
    const { id: text } = await talk.say({ text: 'Nobody keeps this' })
    await app.waitFor('the text', () => talk.find('wsgo', text))
    await app.parley.services.db('messages').where({ user_id: device.user.id, id: text }).delete()

    const { id } = await talk.say({ edit: { id: text, text: 'Never seen', sealed: true } })

    for (const dialect of ['wuzapi', 'wago'] as const) {
      const told = await app.waitFor(dialect, () => talk.find(dialect, id))
      expect(told.sealed).toEqual({ kind: 'edit', targetMsgID: text })
      expect(told.event.Message.secretEncryptedMessage.targetMessageKey.ID).toBe(text)
    }
    const { data } = await app.waitFor('wago-api', () => talk.find('wago-api', id))
    expect(data).toMatchObject({ type: 'sealed', body: '', targetId: text, sealedKind: 'edit' })
    expect(talk.find('wsgo', id)).toBeUndefined()
    expect((await talk.history()).get(id)).toBeUndefined()
  })

  test('a status in a group is told, but is nothing that was written to wsgo', async () => {
    const { app, contact, device } = talk.device
    const { jid: group } = await app.sandbox('POST', '/groups', {
      subject: 'All',
      participants: [device.user.phone],
      creator: contact,
    })

    // With the first message in a group come its keys, in an event of the same id.
    await talk.say({ group, text: 'Hello all' })
    const { id } = await talk.say({ group, groupStatus: { text: 'Our day' } })
    const { id: written } = await talk.say({ group, groupMention: { text: 'see @All', group } })

    const told = await app.waitFor('the status', () => talk.find('wuzapi', id))
    expect(told.event.Message.groupStatusMessageV2.message.extendedTextMessage.text).toBe('Our day')
    expect((await app.waitFor('the status', () => talk.find('wago-api', id))).data.body).toBe('Our day')
    expect((await app.waitFor('what was written', () => talk.find('wsgo', written))).data.text).toBe(
      'see @All',
    )
    expect(talk.find('wsgo', id)).toBeUndefined()
  })

  test('somebody whose number nobody tells is told by LID', async () => {
    const { app, device } = talk.device
    const stranger = '447900000498'
    await app.sandbox('POST', '/contacts', { phone: stranger, name: 'Hid', hidden: true })

    const { id } = await app.sandbox('POST', `/contacts/${stranger}/send`, {
      to: device.user.phone,
      text: 'Guess who',
    })

    const lid = expect.stringMatching(/^\d+@lid$/)
    const { event } = await app.waitFor('wuzapi', () => talk.find('wuzapi', id))
    expect(event.Info).toMatchObject({ Chat: lid, Sender: lid, SenderAlt: '' })
    for (const dialect of ['wsgo', 'wago-api', 'multisession'] as const) {
      const { data } = await app.waitFor(dialect, () => talk.find(dialect, id))
      expect(data.chat).toEqual(lid)
    }
    const answer = await talk.call('/client/sendMessage', { chatId: event.Info.Chat, text: 'You?' })
    const heard = () => app.received(stranger)
    await expect.poll(async () => (await heard()).at(-1)?.id).toBe(answer.messageId)
  })
})
