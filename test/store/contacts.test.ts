import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { type Contact, forgetContacts, keepContacts, listContacts } from '../../src/store/contacts.ts'
import { deleteUser, insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('contacts on %s', (kind) => {
  let database: TemporaryDatabase
  const user = sampleUser()
  const ana: Contact = {
    jid: '5491155554444@s.whatsapp.net',
    firstName: 'Ana',
    fullName: 'Ana Gómez',
    pushName: 'ana',
    businessName: '',
  }

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    await insertUser(database.db, await openSecrets({ dataDir: database.config.dataDir }), user)
  })
  afterEach(() => database.close())

  test('come back as they were kept', async () => {
    await keepContacts(database.db, user.id, [ana])

    expect(await listContacts(database.db, user.id)).toEqual([ana])
  })

  test('keep a name that a later mention leaves out', async () => {
    await keepContacts(database.db, user.id, [ana])

    await keepContacts(database.db, user.id, [
      { ...ana, firstName: '', fullName: '', pushName: 'Anita', businessName: 'Ana & Co' },
    ])

    expect(await listContacts(database.db, user.id)).toEqual([
      { ...ana, pushName: 'Anita', businessName: 'Ana & Co' },
    ])
  })

  test('can be kept by the thousand', async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({ ...ana, jid: `${at}@lid` }))

    await keepContacts(database.db, user.id, many)

    expect(await listContacts(database.db, user.id)).toHaveLength(1_000)
  })

  test('are forgotten together', async () => {
    await keepContacts(database.db, user.id, [ana])

    await forgetContacts(database.db, user.id)

    expect(await listContacts(database.db, user.id)).toEqual([])
  })

  test('go with their user', async () => {
    await keepContacts(database.db, user.id, [ana])

    await deleteUser(database.db, user.id)

    expect(await listContacts(database.db, user.id)).toEqual([])
  })
})
