import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import { eraseKeys, highestPreKeyId, type KeyValue, readKeys } from '../../src/store/keys/auth.ts'
import { findPlaintext, type InboxDraft } from '../../src/store/messages/inbox.ts'
import { insertUser } from '../../src/store/users/users.ts'
import { isCommit } from '../helpers/commits.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('keys on %s', (kind) => {
  const { id: userId } = sampleUser()
  let temporary: TemporaryDatabase
  let secrets: Secrets
  let writer: GroupCommit

  beforeEach(async () => {
    temporary = await temporaryDatabase(kind)
    secrets = await openSecrets(temporary.config)
    writer = new GroupCommit(temporary.db, secrets)
    await insertUser(temporary.db, secrets, sampleUser({ id: userId }))
  })

  afterEach(() => temporary.close())

  test('a first login stores its 812 pre-keys in one write', async () => {
    await write(Array.from({ length: 812 }, (_, index) => value('pre-key', `${index + 1}`, '{}')))

    expect((await read('pre-key', ['1', '500', '812', '813'])).size).toBe(3)
    expect(await highestPreKeyId(temporary.db, userId)).toBe(812)
  })

  test('of two values for one key in a write the last counts', async () => {
    await write([value('session', 'a', '1'), value('session', 'a', '2'), value('session', 'b', '3')])
    await write([value('session', 'b', null), value('session', 'c', null)])

    expect(await read('session', ['a', 'b', 'c'])).toEqual(new Map([['a', '2']]))
  })

  test('a key whose id no database takes is found under it, and of two values the last counts', async () => {
    const ids = ['nul\0', 'half \ud800']
    await write(ids.map((id) => value('session', id, '1')))
    await write([value('session', 'nul\0', '2'), value('session', 'nul\uFFFD', '3')])

    expect(await read('session', ids)).toEqual(
      new Map([
        ['nul\0', '3'],
        ['half \ud800', '1'],
      ]),
    )
  })

  test('nothing legible is stored', async () => {
    await write([value('creds', '', '{"secret":"legible"}')])

    const row = await temporary.db('auth').first()
    expect(JSON.stringify(row)).not.toContain('legible')
  })

  test('writes that wait together are one statement', async () => {
    let statements = 0
    temporary.db.on('query', ({ sql }: { sql: string }) => {
      if (isCommit(sql)) statements += 1
    })

    await Promise.all([1, 2, 3, 4].map((number) => write([value('session', `${number}`, '{}')])))

    expect(statements).toBe(1)
  })

  test('a write that is refused fails alone and stores nothing', async () => {
    const other = sampleUser()
    await insertUser(temporary.db, secrets, other)
    const refused = writer.write({
      values: [value('session', 'refused', '{}')],
      inbox: [],
      lease: { userId, owner: 'a former owner', epoch: 1 },
    })
    const accepted = write([{ ...value('session', 'accepted', '{}'), userId: other.id }])

    await expect(refused).rejects.toMatchObject({ code: 'lease_lost' })
    await accepted
    expect(await temporary.db('auth').pluck('id')).toEqual(['accepted'])
  })

  test('a write of a user that was deleted fails alone, and the others keep their order', async () => {
    const write1 = write([value('session', 'a', '1')])
    const refused = write([{ ...value('session', 'a', '1'), userId: 'nobody' }])
    const write2 = write([value('session', 'a', '2'), value('session', 'b', '1')])

    await expect(refused).rejects.toThrow()
    await Promise.all([write1, write2])
    expect(await read('session', ['a', 'b'])).toEqual(
      new Map([
        ['a', '2'],
        ['b', '1'],
      ]),
    )
  })

  test('keys and messages of one write are committed together, a message only once', async () => {
    const draft = message('digest')

    await writer.write({ values: [value('session', 'a', '1')], inbox: [draft] })
    await writer.write({
      values: [value('session', 'a', '2')],
      inbox: [{ ...draft, plaintext: Buffer.from('other') }],
    })
    const unknown = writer.write({
      values: [value('session', 'a', '3')],
      inbox: [{ ...draft, userId: 'nobody' }],
    })

    await expect(unknown).rejects.toThrow()
    expect(await read('session', ['a'])).toEqual(new Map([['a', '2']]))
    expect(await findPlaintext(temporary.db, secrets, { userId, digest: 'digest' })).toEqual(
      Buffer.from('hello'),
    )
  })

  test('erasing a session leaves the keys of others', async () => {
    const other = sampleUser()
    await insertUser(temporary.db, secrets, other)
    await write([value('session', 'a', '1'), { ...value('session', 'a', '1'), userId: other.id }])

    await eraseKeys(temporary.db, userId)

    expect(await temporary.db('auth').pluck('user_id')).toEqual([other.id])
  })

  test('deleting a user deletes its keys and messages', async () => {
    await writer.write({ values: [value('session', 'a', '1')], inbox: [message('digest')] })

    await temporary.db('users').where({ id: userId }).delete()

    expect(await temporary.db('auth')).toEqual([])
    expect(await temporary.db('inbox')).toEqual([])
  })

  function write(values: KeyValue[]): Promise<unknown> {
    return writer.write({ values, inbox: [] })
  }

  function read(type: string, ids: string[]): Promise<Map<string, string>> {
    return readKeys(temporary.db, secrets, { userId, kind: type, ids })
  }

  function value(type: string, id: string, text: string | null): KeyValue {
    return { userId, kind: type, id, text }
  }

  function message(digest: string): InboxDraft {
    return {
      userId,
      digest,
      attrs: { id: 'M', from: '1@lid' },
      meta: [],
      encIndex: 0,
      encAttrs: { type: 'msg' },
      plaintext: Buffer.from('hello'),
      receivedAt: 1,
    }
  }
})
