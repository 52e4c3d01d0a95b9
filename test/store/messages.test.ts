import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import {
  findMessage,
  findMessages,
  findSentMessage,
  keepMessages,
  keepReceivedMessages,
  latestReceived,
  pruneMessages,
  type StoredMessage,
  setMessageStatus,
} from '../../src/store/messages/messages.ts'
import { deleteUser, insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('messages on %s', (kind) => {
  let database: TemporaryDatabase
  let message: StoredMessage

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    const user = sampleUser()
    await insertUser(database.db, await openSecrets({ dataDir: database.config.dataDir }), user)
    message = {
      userId: user.id,
      id: '3EB0AA',
      chat: '5491155554444@s.whatsapp.net',
      fromMe: true,
      sender: '5491155553934@s.whatsapp.net',
      at: 1_700_000_000_123,
      proto: Buffer.from([0, 1, 254, 255]),
      status: 'sent',
      audience: null,
    }
  })
  afterEach(() => database.close())

  test('a message comes back as it was kept', async () => {
    await keepMessages(database.db, [message])

    expect(await findMessage(database.db, nameOf(message))).toEqual(message)
  })

  test('keeping it again replaces it', async () => {
    await keepMessages(database.db, [message])
    await keepMessages(database.db, [{ ...message, proto: Buffer.from('later') }])

    const found = await findMessage(database.db, {
      userId: message.userId,
      id: message.id,
      chats: [message.chat],
    })

    expect(found?.proto).toEqual(Buffer.from('later'))
  })

  test('the same id in another chat is another message', async () => {
    const other = { ...message, chat: '123@g.us', at: message.at + 1 }
    await keepMessages(database.db, [message])
    await keepMessages(database.db, [other])

    const found = await findMessage(database.db, {
      userId: message.userId,
      id: message.id,
      chats: [message.chat],
    })

    expect(found).toEqual(message)
  })

  test('a status is noted on known messages only', async () => {
    await keepMessages(database.db, [message])

    await setMessageStatus(
      database.db,
      [
        { userId: message.userId, id: message.id, chat: message.chat },
        { userId: message.userId, id: 'nothing', chat: message.chat },
      ],
      { status: 'read', at: 7 },
    )

    expect((await findMessage(database.db, nameOf(message)))?.status).toBe('read')
  })

  test('a message that got further does not fall back', async () => {
    await keepMessages(database.db, [message])
    const keys = [{ userId: message.userId, id: message.id, chat: message.chat }]

    await setMessageStatus(database.db, keys, { status: 'read', at: 7 })
    await setMessageStatus(database.db, keys, { status: 'delivered', at: 8 })

    expect((await findMessages(database.db, keys)).map(({ status }) => status)).toEqual(['read'])
  })

  test('what arrives under a known id changes nothing', async () => {
    const forged = { ...message, fromMe: false, proto: Buffer.from('forged'), status: 'received' }
    await keepMessages(database.db, [message])

    await keepReceivedMessages(database.db, [forged])

    expect(await findMessage(database.db, nameOf(message))).toEqual(message)
  })

  test('a message that is sent under an id somebody else took first is sent like any other', async () => {
    const taken = { ...message, fromMe: false, status: 'received', at: message.at - 5 }
    await keepReceivedMessages(database.db, [taken])

    await keepMessages(database.db, [{ ...message, status: 'pending' }])

    expect(await findSentMessage(database.db, nameOf(message))).toEqual({ ...message, status: 'pending' })
  })

  test('what others, or own other devices, have sent counts as sent from here under no id', async () => {
    await keepReceivedMessages(database.db, [{ ...message, status: 'received' }])

    expect(await findSentMessage(database.db, nameOf(message))).toBeUndefined()
  })

  test('a status is noted in the chat it was told of', async () => {
    const other = { ...message, chat: '123@g.us' }
    await keepMessages(database.db, [message, other])

    await setMessageStatus(database.db, [other], { status: 'read', at: 7 })

    const statuses = [message, other].map((one) => findMessage(database.db, nameOf(one)))
    expect((await Promise.all(statuses)).map((found) => found?.status)).toEqual(['sent', 'read'])
  })

  test('the latest received message is the newest since then that was not sent from here', async () => {
    const received = { ...message, fromMe: false, status: 'received' }
    await keepMessages(database.db, [{ ...message, id: 'sent', at: message.at + 2 }])
    await keepReceivedMessages(database.db, [
      { ...received, id: 'old' },
      { ...received, id: 'new', at: message.at + 1 },
    ])

    const latest = (since: number) => latestReceived(database.db, message.userId, since)

    expect((await latest(message.at))?.id).toBe('new')
    expect(await latest(message.at + 2)).toBeUndefined()
  })

  test('pruning removes what is older and keeps the rest', async () => {
    await keepMessages(database.db, [message])
    await keepMessages(database.db, [{ ...message, id: 'newer', at: message.at + 1 }])

    expect(await pruneMessages(database.db, message.at + 1)).toBe(1)
    expect(
      await findMessage(database.db, { userId: message.userId, id: 'newer', chats: [message.chat] }),
    ).toBeDefined()
    expect(await findMessage(database.db, nameOf(message))).toBeUndefined()
  })

  test('the messages of a deleted user go with it', async () => {
    await keepMessages(database.db, [message])

    await deleteUser(database.db, message.userId)

    expect(await findMessage(database.db, nameOf(message))).toBeUndefined()
  })
})

function nameOf({ userId, id, chat }: StoredMessage) {
  return { userId, id, chats: [chat] }
}
