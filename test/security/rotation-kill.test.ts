import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { readKeys, writeKeys } from '../../src/store/keys/auth.ts'
import { sealedColumns } from '../../src/store/keys/re-encryption.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { kill, startServer } from '../helpers/server-process.ts'
import { storeUser } from '../helpers/users.ts'
import { until, WuzapiClient } from '../load/client.ts'

const USERS = 10
const KEYS_PER_USER = 150
const KILLS = 2
const FORMER = 'the former key'
const CURRENT = 'the current key'
const ids = Array.from({ length: KEYS_PER_USER }, (_, index) => `${index}`)

let place: TemporaryDatabase
let server: ChildProcess | undefined

afterEach(async () => {
  if (server) await kill(server)
  await place.close()
})

describe.each(databaseKinds)('a change of the encryption key on %s', (kind) => {
  test('that is killed again and again is finished by the next start, and everything opens', async () => {
    place = await temporaryDatabase(kind)
    await fill()
    const port = await freePort()
    const client = new WuzapiClient(`http://127.0.0.1:${port}`, 'rotation-admin')
    const start = () =>
      startServer({
        port,
        network: 'sandbox',
        adminToken: client.adminToken,
        database: place.config,
        env: { ENCRYPTION_KEY: CURRENT, ENCRYPTION_KEY_PREVIOUS: FORMER },
      })

    const leftAfterKills: number[] = []
    for (let round = 0; round < KILLS; round++) {
      server = await start()
      // The moment is left to chance: rows are encrypted anew from here on.
      await delay(Math.random() * 60)
      await kill(server)
      leftAfterKills.push(await sealedWithFormer())
    }
    server = await start()
    await until('everything to be encrypted anew', async () => (await sealedWithFormer()) === 0, 120_000)

    // At least the first kill came before the end.
    expect(leftAfterKills[0]).toBeGreaterThan(0)
    expect(await client.isLoggedIn('token 7')).toBe(false)
    await kill(server)
    const secrets = await openSecrets({ dataDir: place.config.dataDir, encryptionKey: CURRENT })
    for (let user = 0; user < USERS; user++) {
      const texts = await readKeys(place.db, secrets, { userId: `user ${user}`, kind: 'session', ids })
      expect(texts).toEqual(new Map(ids.map((id) => [id, `key ${user} ${id}`])))
    }
  }, 300_000)
})

/** Users with keys, all encrypted with the former key. */
async function fill(): Promise<void> {
  const secrets = await openSecrets({ dataDir: place.config.dataDir, encryptionKey: FORMER })
  for (let user = 0; user < USERS; user++) {
    await storeUser(place.db, secrets, { id: `user ${user}`, token: `token ${user}`, hmacKey: 'HMAC' })
    const values = ids.map((id) => ({
      userId: `user ${user}`,
      kind: 'session',
      id,
      text: `key ${user} ${id}`,
    }))
    await writeKeys(place.db, secrets, values)
  }
}

/** How many stored texts still need the former key. */
async function sealedWithFormer(): Promise<number> {
  const { currentPrefix } = await openSecrets({ dataDir: place.config.dataDir, encryptionKey: CURRENT })
  let total = 0
  for (const name of sealedColumns) {
    const [table = '', column = ''] = name.split('.')
    const [row] = await place
      .db(table)
      .where(column, '<>', '')
      .whereNot(column, 'like', `${currentPrefix}%`)
      .count({ n: '*' })
    total += Number(row?.n)
  }
  return total
}
