import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { checkEncryptionKey } from '../../src/store/keys/encryption-key.ts'
import { findOrInsertNamed } from '../../src/store/users/named-users.ts'
import {
  countUsers,
  deleteUser,
  findUserByToken,
  getUser,
  insertUser,
  listUsers,
  updateUser,
} from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('users on %s', (kind) => {
  let database: TemporaryDatabase
  let secrets: Secrets

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    secrets = await openSecrets({ dataDir: database.config.dataDir, encryptionKey: 'a key of the test' })
  })
  afterEach(() => database.close())

  test('a user comes back as it was stored', async () => {
    const user = sampleUser({
      wanted: true,
      expiration: 1_900_000_000_000,
      proxyUrl: 'socks5://me:secret@proxy:1080',
      mediaDelivery: 'both',
      profile: 'current',
      s3: {
        ...sampleUser().s3,
        enabled: true,
        accessKey: 'AKIA',
        secretKey: 's3cret',
        pathStyle: true,
        retentionDays: 30,
      },
    })

    await insertUser(database.db, secrets, user)

    expect(await getUser(database.db, secrets, user.id)).toEqual(user)
    expect(await listUsers(database.db, secrets)).toEqual([user])
    expect(await countUsers(database.db)).toBe(1)
  })

  test('no user gets the id of another one as its name, neither at first nor later', async () => {
    const [owner, other] = [sampleUser(), sampleUser()]
    for (const user of [owner, other]) await insertUser(database.db, secrets, user)

    const refused = { code: 'conflict', message: 'the name is the id of another user' }

    await expect(insertUser(database.db, secrets, sampleUser({ name: owner.id }))).rejects.toMatchObject(
      refused,
    )
    await expect(updateUser(database.db, secrets, other.id, { name: owner.id })).rejects.toMatchObject(
      refused,
    )
    expect((await listUsers(database.db, secrets)).map(({ name }) => name)).toEqual(['sample', 'sample'])
    expect((await updateUser(database.db, secrets, owner.id, { name: owner.id }))?.name).toBe(owner.id)
  })

  test('a user is found by its token and by no other', async () => {
    const user = sampleUser({ token: 'right' })
    await insertUser(database.db, secrets, user)

    expect((await findUserByToken(database.db, secrets, 'right'))?.id).toBe(user.id)
    expect(await findUserByToken(database.db, secrets, 'wrong')).toBeUndefined()
  })

  test('an empty token finds nobody, however many users have one', async () => {
    await insertUser(database.db, secrets, sampleUser({ token: '' }))
    await insertUser(database.db, secrets, sampleUser({ token: '' }))

    expect(await findUserByToken(database.db, secrets, '')).toBeUndefined()
  })

  test('no secret is legible in the row', async () => {
    const secret = randomBytes(12).toString('hex')
    const user = sampleUser({ token: secret, proxyUrl: `http://u:${secret}@host` })
    await insertUser(database.db, secrets, {
      ...user,
      s3: { ...user.s3, accessKey: secret, secretKey: secret },
    })

    expect(JSON.stringify(await database.db('users').select())).not.toContain(secret)
  })

  test('a token that is taken is a conflict, on insert and on update', async () => {
    const first = sampleUser()
    const second = sampleUser()
    await insertUser(database.db, secrets, first)
    await insertUser(database.db, secrets, second)

    const again = insertUser(database.db, secrets, { ...sampleUser(), token: first.token })
    const change = updateUser(database.db, secrets, second.id, { token: first.token })

    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    await expect(change).rejects.toMatchObject({ code: 'conflict' })
  })

  test('an update changes the given members and no others', async () => {
    const user = sampleUser({ expiration: 7 })
    await insertUser(database.db, secrets, user)

    const changed = await updateUser(database.db, secrets, user.id, { token: 'new', wanted: true })

    expect(changed).toEqual({ ...user, token: 'new', wanted: true })
    expect((await findUserByToken(database.db, secrets, 'new'))?.id).toBe(user.id)
    expect(await findUserByToken(database.db, secrets, user.token)).toBeUndefined()
  })

  test('updating or deleting a user that does not exist says so', async () => {
    expect(await updateUser(database.db, secrets, newId(), { name: 'x' })).toBeUndefined()
    expect(await deleteUser(database.db, newId())).toBe(false)
  })

  test('a user that cannot be opened with another key is refused, not returned in part', async () => {
    const user = sampleUser()
    await insertUser(database.db, secrets, user)
    const another = { dataDir: database.config.dataDir, encryptionKey: 'another key' }
    const other = await openSecrets(another)

    await expect(getUser(database.db, other, user.id)).rejects.toThrow('encryption key')
    await expect(checkEncryptionKey(database.db, another)).rejects.toThrow('encryption key')
    await checkEncryptionKey(database.db, { ...another, encryptionKey: 'a key of the test' })
  })
})

test('of many calls at the same moment one creates the user of a name, also from several nodes', async () => {
  const database = await temporaryDatabase('postgres')
  const secrets = await openSecrets({ dataDir: database.config.dataDir, encryptionKey: 'a key of the test' })
  const other = await openDatabase(database.config)
  const calls = [database.db, other, database.db, other].map((db) =>
    findOrInsertNamed(db, secrets, sampleUser({ name: 'shared' })),
  )

  const ids = new Set((await Promise.all(calls)).map(({ id }) => id))

  expect(ids.size).toBe(1)
  expect(await countUsers(database.db)).toBe(1)
  await other.destroy()
  await database.close()
})
