import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import {
  keepResponses,
  listResponses,
  type MessageResponse,
  pruneResponses,
} from '../../src/store/messages/message-responses.ts'
import { deleteUser, insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

const chat = '5491155554444@s.whatsapp.net'

describe.each(databaseKinds)('what is said about messages on %s', (kind) => {
  let database: TemporaryDatabase
  let response: MessageResponse

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    const user = sampleUser()
    await insertUser(database.db, await openSecrets({ dataDir: database.config.dataDir }), user)
    response = {
      userId: user.id,
      targetId: '3EB0AA',
      kind: 'reaction',
      sender: chat,
      chat,
      content: '👍',
      at: 1_700_000_000_000,
    }
  })
  afterEach(() => database.close())

  const about = (targetId: string, chats = [chat]) =>
    listResponses(database.db, { userId: response.userId, chats, targetIds: [targetId] })

  test('a NUL in it, which anybody can send, does not stop it', async () => {
    await keepResponses(database.db, [{ ...response, content: 'a\0b' }])

    expect(await about('3EB0AA')).toEqual([{ ...response, content: 'a\uFFFDb' }])
  })

  test('it comes back as it was kept, for its message and chat only', async () => {
    await keepResponses(database.db, [response])

    expect(await about('3EB0AA')).toEqual([response])
    expect(await about('3EB0BB')).toEqual([])
    expect(await about('3EB0AA', ['1@g.us'])).toEqual([])
  })

  test('the newest of one person and kind counts, whatever order they come in', async () => {
    const later = { ...response, content: '❤', at: response.at + 1000 }
    await keepResponses(database.db, [response])
    await keepResponses(database.db, [later])
    await keepResponses(database.db, [response])

    expect(await about('3EB0AA')).toEqual([later])
  })

  test('of two at the same instant the one told last counts, in one statement too', async () => {
    await keepResponses(database.db, [response, { ...response, content: '' }])

    expect(await about('3EB0AA')).toMatchObject([{ content: '' }])
  })

  test('other people and other kinds stand beside it, oldest first', async () => {
    const other = { ...response, sender: '1@lid', at: response.at - 1 }
    const vote: MessageResponse = { ...response, kind: 'vote', content: '["Yes"]', at: response.at + 1 }
    await keepResponses(database.db, [vote, response, other])

    expect(await about('3EB0AA')).toEqual([other, response, vote])
  })

  test('old ones are removed in portions, and all of them with their user', async () => {
    await keepResponses(database.db, [response, { ...response, sender: '1@lid' }])

    expect(await pruneResponses(database.db, response.at)).toBe(0)
    expect(await pruneResponses(database.db, response.at + 1, 1)).toBe(1)
    expect(await about('3EB0AA')).toHaveLength(1)
    await deleteUser(database.db, response.userId)
    expect(await about('3EB0AA')).toEqual([])
  })
})
