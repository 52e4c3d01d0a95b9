import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import {
  countUnread,
  findAnswers,
  listActiveChats,
  MOST_UNREAD,
} from '../../src/store/messages/chat-listing.ts'
import { readChatPage, readHistoryPage } from '../../src/store/messages/chat-pages.ts'
import { changeChatSettings, findChatSettings } from '../../src/store/messages/chat-settings.ts'
import {
  findChats,
  keepChatNames,
  keepReadings,
  keepUnreadMarks,
  readingsOf,
} from '../../src/store/messages/chats.ts'
import { addHistory } from '../../src/store/messages/history.ts'
import { keepResponses, newestResponses } from '../../src/store/messages/message-responses.ts'
import { keepReceivedMessages, type StoredMessage } from '../../src/store/messages/messages.ts'
import { deleteUser, insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

const ada = '1@s.whatsapp.net'
const ben = '2@s.whatsapp.net'

describe.each(databaseKinds)('the chats of a user on %s', (kind) => {
  const user = sampleUser()
  const userId = user.id
  let database: TemporaryDatabase

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    await insertUser(database.db, await openSecrets({ dataDir: database.config.dataDir }), user)
  })
  afterEach(() => database.close())

  const message = (id: string, at: number, more: Partial<StoredMessage> = {}): StoredMessage => ({
    userId,
    id,
    chat: ada,
    fromMe: false,
    sender: ada,
    at,
    proto: Buffer.from([10, 1, 65]),
    status: 'received',
    ...more,
  })
  const keep = (...messages: StoredMessage[]) => keepReceivedMessages(database.db, messages)

  test('are those with messages, each with the time of its newest', async () => {
    await keep(message('A', 10), message('B', 30), message('C', 20, { chat: ben }))

    const chats = await listActiveChats(database.db, userId, 'messages')

    expect(chats).toEqual([
      { chat: ada, lastAt: 30 },
      { chat: ben, lastAt: 20 },
    ])
    expect(await listActiveChats(database.db, userId, 'history')).toEqual([])
    expect(await listActiveChats(database.db, 'nobody', 'messages')).toEqual([])
  })

  test('have as much unread as others wrote since they were read', async () => {
    await keep(message('A', 10), message('B', 20), message('C', 30), message('D', 40, { fromMe: true }))

    const unread = (readAt: number) => countUnread(database.db, userId, [{ chat: ada, readAt }])

    expect(await unread(0)).toEqual(new Map([[ada, 3]]))
    expect(await unread(20)).toEqual(new Map([[ada, 1]]))
    expect(await unread(30)).toEqual(new Map([[ada, 0]]))
  })

  test('are counted up to a bound', async () => {
    await keep(...Array.from({ length: MOST_UNREAD + 5 }, (_, index) => message(`M${index}`, index + 1)))

    expect(await countUnread(database.db, userId, [{ chat: ada, readAt: 0 }])).toEqual(
      new Map([[ada, MOST_UNREAD]]),
    )
  })

  test('are answered where the account wrote after it has read', async () => {
    await keep(message('A', 10, { fromMe: true }), message('B', 20), message('C', 15, { fromMe: true }))

    const answers = (readAt: number) =>
      findAnswers(database.db, userId, [
        { chat: ada, readAt },
        { chat: ben, readAt },
      ])

    expect(await answers(0)).toEqual(new Map([[ada, 15]]))
    expect(await answers(15)).toEqual(new Map())
  })

  test('stay read, and are marked until they are read again', async () => {
    const { db } = database
    await keepReadings(db, [
      { userId, chat: ada, readAt: 20 },
      { userId, chat: ada, readAt: 10 },
    ])
    await keepUnreadMarks(db, userId, [ada])
    await keepChatNames(db, userId, [{ chat: ada, name: 'a\0b' }])
    const marked = await findChats(db, userId, [ada, ben])
    await keepReadings(db, [{ userId, chat: ada, readAt: 15 }])

    expect(marked).toEqual([{ chat: ada, name: 'a\uFFFDb', readAt: 20, isMarkedUnread: true }])
    expect(await findChats(db, userId, [ada])).toEqual([
      { chat: ada, name: 'a\uFFFDb', readAt: 20, isMarkedUnread: false },
    ])
  })

  test('are read up to the newest of the messages that were read', async () => {
    await keep(message('A', 10), message('B', 20), message('C', 30, { chat: ben }))

    const readings = await readingsOf(database.db, [
      { userId, id: 'A', chats: [ada, ben] },
      { userId, id: 'B', chats: [ada, ben] },
      { userId, id: 'UNKNOWN', chats: [ada] },
    ])

    expect(readings).toEqual([{ userId, chat: ada, readAt: 20 }])
  })

  test('keep the settings that a change does not name', async () => {
    const { db } = database
    await changeChatSettings(db, userId, [
      { chat: ada, isPinned: true },
      { chat: ada, mutedUntil: -1 },
      { chat: ben, isArchived: true },
    ])
    await changeChatSettings(db, userId, [{ chat: ada, isPinned: false }])

    expect(
      (await findChatSettings(db, userId, [ada, ben])).sort((a, b) => a.chat.localeCompare(b.chat)),
    ).toEqual([
      { chat: ada, mutedUntil: -1, isPinned: false, isArchived: false },
      { chat: ben, mutedUntil: 0, isPinned: false, isArchived: true },
    ])
  })

  test('are read page by page, also where messages were written in the same moment', async () => {
    const { db } = database
    await keep(...['b', 'B', 'a', 'A', 'C'].map((id) => message(id, 10)), message('D', 20), message('E', 5))
    const page = async (query: object) =>
      (await readChatPage(db, { userId, chat: ada, limit: 3, ...query })).map(({ id }) => id)

    expect(await page({})).toEqual(['D', 'b', 'a'])
    expect(await page({ before: { at: 10, id: 'a' } })).toEqual(['C', 'B', 'A'])
    expect(await page({ before: { at: 10, id: 'A' } })).toEqual(['E'])
    expect(await page({ after: { at: 10, id: 'B' } })).toEqual(['C', 'a', 'b'])
  })

  test('have what the history tells besides', async () => {
    const { db } = database
    const entry = {
      userId,
      chat: ada,
      sender: ada,
      type: 'text',
      text: 'x',
      mediaLink: '',
      quotedId: '',
      event: '{}',
    }
    await keep(message('A', 10))
    await addHistory(db, [
      { ...entry, messageId: 'A', at: 10 },
      { ...entry, messageId: 'OLD', at: 5 },
    ])

    const told = await readHistoryPage(db, { userId, chat: ada, limit: 10 })

    expect(told.map(({ messageId }) => messageId)).toEqual(['OLD'])
    expect(await listActiveChats(db, userId, 'history')).toEqual([{ chat: ada, lastAt: 10 }])
  })

  test('show of what is said about a message the newest only', async () => {
    const { db } = database
    const said = (sender: string, at: number, targetId = 'A') =>
      ({ userId, targetId, kind: 'reaction', sender, chat: ada, content: '👍', at }) as const
    await keepResponses(db, [said('1', 10), said('2', 30), said('3', 20), said('1', 5, 'B')])

    const newest = await newestResponses(db, { userId, chats: [ada], targetIds: ['A', 'B'], most: 2 })

    expect(newest.map(({ targetId, sender }) => `${targetId}${sender}`).sort()).toEqual(['A2', 'A3', 'B1'])
  })

  test('go with their user', async () => {
    const { db } = database
    await keepReadings(db, [{ userId, chat: ada, readAt: 20 }])

    await deleteUser(db, userId)

    expect(await findChats(db, userId, [ada])).toEqual([])
  })
})
