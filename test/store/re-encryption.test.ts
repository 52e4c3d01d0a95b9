import { afterEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import { getWebhooks } from '../../src/store/delivery/webhooks.ts'
import { readKeys, writeKeys } from '../../src/store/keys/auth.ts'
import {
  reEncryptRows,
  reEncryptUsers,
  sealedColumns,
  startReEncryption,
} from '../../src/store/keys/re-encryption.ts'
import { addPendingHistory, takePendingHistory } from '../../src/store/messages/history-syncs.ts'
import { findPlaintext } from '../../src/store/messages/inbox.ts'
import { findUserByToken, getUser, insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { storeInbox } from '../helpers/inbox.ts'
import { sampleUser, storeUser } from '../helpers/users.ts'

const KEYS = 130
const ids = Array.from({ length: KEYS }, (_, at) => String(at))
const going = new AbortController().signal

let place: TemporaryDatabase

afterEach(() => place?.close())

describe.each(databaseKinds)('on %s, after the key was changed', (kind) => {
  test('everything that the former key encrypted opens with the new one alone', async () => {
    const { rotating, renewed } = await filled(kind)

    await reEncryptUsers(place.db, rotating)
    const result = await reEncryptRows(place.db, rotating, going)

    expect(result).toEqual({ reEncrypted: KEYS + 2, unreadable: 0 })
    expect(await findUserByToken(place.db, renewed, 'TOKEN')).toMatchObject({ id: 'u' })
    expect((await getWebhooks(place.db, renewed, 'u')).get('user:u')).toMatchObject({ hmacKey: 'HMAC' })
    expect(await readKeys(place.db, renewed, { userId: 'u', kind: 'session', ids })).toHaveProperty(
      'size',
      KEYS,
    )
    expect(String(await findPlaintext(place.db, renewed, { userId: 'u', digest: 'd' }))).toBe('plain')
    const part = await takePendingHistory(place.db, renewed, { now: 1, leaseUntil: 2 })
    expect(String(part?.notification)).toBe('part')
  })

  test('a run that was cut off is continued by the next one', async () => {
    const { rotating, renewed } = await filled(kind)
    const stopping = new AbortController()
    await reEncryptUsers(place.db, rotating)

    const first = reEncryptRows(place.db, rotating, stopping.signal)
    stopping.abort()
    const cut = await first
    const rest = await reEncryptRows(place.db, rotating, going)
    const again = await reEncryptRows(place.db, rotating, going)

    expect(cut.reEncrypted).toBeLessThan(KEYS)
    expect(cut.reEncrypted + rest.reEncrypted).toBe(KEYS + 2)
    expect(again).toEqual({ reEncrypted: 0, unreadable: 0 })
    expect(await getUser(place.db, renewed, 'u')).toMatchObject({ token: 'TOKEN' })
  })

  test('users are encrypted anew all or none: one that no key opens stops it', async () => {
    const { former, rotating } = await filled(kind)
    const foreign = await openSecrets({ ...place.config, encryptionKey: 'foreign' })
    await insertUser(place.db, foreign, sampleUser({ id: 'v', token: 'OTHER' }))

    await expect(reEncryptUsers(place.db, rotating)).rejects.toThrow('encryption key')

    expect(await findUserByToken(place.db, former, 'TOKEN')).toMatchObject({ id: 'u' })
  })

  test('the log says when the former key is no longer needed, and when one is missing', async () => {
    const { rotating } = await filled(kind)
    const foreign = await openSecrets({ ...place.config, encryptionKey: 'foreign' })
    await writeKeys(place.db, foreign, [{ userId: 'u', kind: 'session', id: 'x', text: 'lost' }])
    const lines: string[] = []
    const log = createLogger('info', { write: (line: string) => void lines.push(line) })

    const stop = startReEncryption({ db: place.db, secrets: rotating, log })
    await expect.poll(() => lines.length).toBe(1)
    await stop()

    expect(lines[0]).toContain('"unreadable":1')
  })
})

test('every encrypted column of the database is among those that are encrypted anew', async () => {
  place = await temporaryDatabase('sqlite')
  const tables: string[] = await place.db('sqlite_master').where({ type: 'table' }).pluck('name')

  const found: string[] = []
  for (const table of tables)
    for (const column of Object.keys(await place.db(table).columnInfo()))
      if (column.startsWith('sealed_')) found.push(`${table}.${column}`)

  expect(found.sort()).toEqual(sealedColumns.toSorted())
})

/** A database written with one key, that key, both keys together and the new one alone. */
async function filled(
  kind: (typeof databaseKinds)[number],
): Promise<{ former: Secrets; rotating: Secrets; renewed: Secrets }> {
  place = await temporaryDatabase(kind)
  const { db, config } = place
  const former = await openSecrets({ ...config, encryptionKey: 'former' })
  await storeUser(db, former, { id: 'u', token: 'TOKEN', hmacKey: 'HMAC' })
  const values = ids.map((id) => ({ userId: 'u', kind: 'session', id, text: `value ${id}` }))
  await db.transaction((trx) => writeKeys(trx, former, values))
  await storeInbox(db, former, [
    {
      userId: 'u',
      digest: 'd',
      attrs: {},
      meta: [],
      encIndex: 0,
      encAttrs: {},
      plaintext: Buffer.from('plain'),
      receivedAt: 1,
    },
  ])
  await addPendingHistory(db, former, {
    userId: 'u',
    messageId: 'm',
    notification: Buffer.from('part'),
    dueAt: 0,
  })
  return {
    former,
    rotating: await openSecrets({ ...config, encryptionKey: 'renewed', encryptionKeyPrevious: ['former'] }),
    renewed: await openSecrets({ ...config, encryptionKey: 'renewed' }),
  }
}
