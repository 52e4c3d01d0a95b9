import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { pruneAudiences } from '../../../src/store/messages/audiences.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import type { GroupMetadata } from '../../../src/whatsapp/library/engine.ts'
import { Audiences } from '../../../src/whatsapp/outbound/audiences.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { sampleUser } from '../../helpers/users.ts'

const GROUP = '120363000000000001@g.us'

/** A group whose members are named by LID, with the number of the first. */
const metadata: GroupMetadata = {
  id: GROUP,
  subject: 'Group',
  owner: undefined,
  participants: [{ id: '101@lid', phoneNumber: '4479001@s.whatsapp.net' }, { id: '102@lid' }],
}

describe.each(databaseKinds)('whom messages went to on %s', (kind) => {
  let database: TemporaryDatabase
  let userId: string

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    const user = sampleUser()
    userId = user.id
    await insertUser(database.db, await openSecrets(database.config), user)
  })
  afterEach(() => database.close())

  const sendTo = (audiences: Audiences, to: string, statusJidList?: string[]) =>
    audiences.of(userId, { to, statusJidList }, async () => metadata)

  test('is known after a restart, by every identity', async () => {
    const id = (await sendTo(new Audiences(database.db), GROUP)) ?? ''

    const restarted = new Audiences(database.db)

    expect(await restarted.includes(userId, id, ['4479001@s.whatsapp.net'])).toBe(true)
    expect(await restarted.includes(userId, id, ['999@lid', '102@lid'])).toBe(true)
    expect(await restarted.includes(userId, id, ['999@lid'])).toBe(false)
  })

  test('is stored once for many messages to the same people', async () => {
    const [first, second] = [new Audiences(database.db), new Audiences(database.db)]

    const ids = [await sendTo(first, GROUP), await sendTo(first, GROUP), await sendTo(second, GROUP)]

    expect(new Set(ids).size).toBe(1)
    expect(await database.db('audiences').pluck('id')).toEqual([ids[0]])
  })

  test('is not known where a group cannot be asked for, nor of a status that names nobody', async () => {
    const audiences = new Audiences(database.db)
    const refused = async () => Promise.reject(new Error('403'))

    await expect(audiences.of(userId, { to: GROUP }, refused)).rejects.toThrow('403')
    expect(await sendTo(audiences, 'status@broadcast')).toBeUndefined()
    expect(await database.db('audiences')).toEqual([])
  })

  test('is who a status names, and nothing in a chat of two', async () => {
    const audiences = new Audiences(database.db)

    const status = await sendTo(audiences, 'status@broadcast', ['4479001@s.whatsapp.net'])

    expect(await audiences.includes(userId, status ?? '', ['4479001@s.whatsapp.net'])).toBe(true)
    expect(await audiences.includes(userId, status ?? '', ['101@lid'])).toBe(false)
    expect(await sendTo(audiences, '4479001@s.whatsapp.net')).toBeUndefined()
  })

  test('is removed once it has not been used for long', async () => {
    await sendTo(new Audiences(database.db), GROUP)

    expect(await pruneAudiences(database.db, Date.now() - 60_000)).toBe(0)
    expect(await pruneAudiences(database.db, Date.now() + 60_000)).toBe(1)
  })
})
