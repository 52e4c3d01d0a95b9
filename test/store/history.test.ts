import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import {
  addHistory,
  type HistoryEntry,
  historyLimits,
  linkFile,
  listHistory,
  listHistoryChats,
  trimHistory,
} from '../../src/store/messages/history.ts'
import {
  addPendingHistory,
  nextPendingHistory,
  postponePendingHistory,
  removePendingHistory,
  takePendingHistory,
} from '../../src/store/messages/history-syncs.ts'
import { insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('history on %s', (kind) => {
  const user = sampleUser({ history: 7 })
  const other = sampleUser()
  const chat = '5491155554444@s.whatsapp.net'
  let database: TemporaryDatabase
  let secrets: Secrets

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    secrets = await openSecrets(database.config)
    await insertUser(database.db, secrets, user)
    await insertUser(database.db, secrets, other)
  })
  afterEach(() => database.close())

  function entry(messageId: string, overrides: Partial<HistoryEntry> = {}): HistoryEntry {
    return {
      userId: user.id,
      chat,
      sender: 'me',
      messageId,
      at: 1_000,
      type: 'text',
      text: messageId,
      mediaLink: '',
      quotedId: '',
      event: '',
      ...overrides,
    }
  }

  const texts = async (limit = 10) =>
    (await listHistory(database.db, { userId: user.id, chats: [chat], limit })).map(({ text }) => text)

  test('a chat shows its newest entries first, and only its own', async () => {
    await addHistory(database.db, [
      entry('a'),
      entry('c', { at: 3_000 }),
      entry('b', { at: 2_000 }),
      entry('elsewhere', { chat: '1@g.us' }),
      entry('foreign', { userId: other.id }),
    ])

    expect(await texts()).toEqual(['c', 'b', 'a'])
    expect(await texts(2)).toEqual(['c', 'b'])
  })

  test('of entries of one instant the later is the newer', async () => {
    await addHistory(database.db, [entry('a'), entry('b')])

    expect(await texts()).toEqual(['b', 'a'])
  })

  test('a message that is there stays as it is', async () => {
    await addHistory(database.db, [entry('a')])
    await addHistory(database.db, [
      entry('a', { text: 'later' }),
      entry('a', { type: 'edit', text: 'edited' }),
    ])

    expect(await texts()).toEqual(['a'])
  })

  test('an unknown one of the same chat becomes the edit it was, at its time', async () => {
    await addHistory(database.db, [entry('a', { type: 'unknown', text: '' })])
    await addHistory(database.db, [entry('a', { type: 'edit', chat: '1@g.us', text: 'wrong chat' })])
    await addHistory(database.db, [entry('a', { type: 'edit', text: 'new', quotedId: 'q', at: 9_000 })])

    expect(await listHistory(database.db, { userId: user.id, chats: [chat], limit: 10 })).toMatchObject([
      { type: 'edit', text: 'new', quotedId: 'q', at: 1_000 },
    ])
  })

  test('a file is linked to the entry of its message and to none of another chat', async () => {
    await addHistory(database.db, [entry('a'), entry('b')])

    await linkFile(database.db, { userId: user.id, chat, id: 'b' }, 'https://files/b')
    await linkFile(database.db, { userId: user.id, chat: 'elsewhere', id: 'a' }, 'https://files/other')

    const entries = await listHistory(database.db, { userId: user.id, chats: [chat], limit: 10 })
    expect(entries.map(({ mediaLink }) => mediaLink)).toEqual(['https://files/b', ''])
  })

  test('trimming keeps the newest of a chat', async () => {
    await addHistory(database.db, [entry('c', { at: 3_000 }), entry('a'), entry('b', { at: 2_000 })])

    await trimHistory(database.db, { userId: user.id, chat }, 2)

    expect(await texts()).toEqual(['c', 'b'])
  })

  test('chats are listed with their last message, the latest chat first', async () => {
    await addHistory(database.db, [
      entry('a'),
      entry('b', { at: 2_000 }),
      entry('c', { at: 3_000, chat: '1@g.us' }),
      entry('foreign', { userId: other.id }),
    ])

    expect(await listHistoryChats(database.db, user.id)).toEqual([
      { chat: '1@g.us', lastAt: 3_000 },
      { chat, lastAt: 2_000 },
    ])
  })

  test('limits are those of the users who keep a history', async () => {
    expect(await historyLimits(database.db, [user.id, other.id])).toEqual(new Map([[user.id, 7]]))
  })

  test('an announced part is taken up by one, and comes back when its time is over', async () => {
    const part = { userId: user.id, messageId: 'A', notification: Buffer.from('secret'), dueAt: 100 }
    await addPendingHistory(database.db, secrets, part)
    await addPendingHistory(database.db, secrets, { ...part, notification: Buffer.from('again') })

    const take = (now: number) => takePendingHistory(database.db, secrets, { now, leaseUntil: now + 50 })

    expect(await take(99)).toBeUndefined()
    expect(await take(100)).toMatchObject({
      messageId: 'A',
      attempts: 1,
      notification: Buffer.from('secret'),
    })
    expect(await take(149)).toBeUndefined()
    expect(await nextPendingHistory(database.db)).toBe(150)
    expect(await take(150)).toMatchObject({ attempts: 2 })
  })

  test('an announced part can be put off and ticked off', async () => {
    const part = { userId: user.id, messageId: 'A', notification: Buffer.from('x'), dueAt: 100 }
    await addPendingHistory(database.db, secrets, part)
    const taken = await takePendingHistory(database.db, secrets, { now: 100, leaseUntil: 200 })
    const seq = taken?.seq ?? 0

    await postponePendingHistory(database.db, seq, { now: 200, delayMs: 100 })
    expect(await nextPendingHistory(database.db)).toBe(300)

    await removePendingHistory(database.db, seq)
    expect(await nextPendingHistory(database.db)).toBeUndefined()
  })
})
