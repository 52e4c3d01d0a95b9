import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adminToken } from '../../src/lib/secrets/admin-token.ts'
import { openSecrets, SealError } from '../../src/lib/secrets/secrets.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-secrets-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

test('what is sealed can be opened, and looks different each time', async () => {
  const secrets = await openSecrets({ dataDir })

  const sealed = secrets.seal('señor 🔑')

  expect(secrets.open(sealed)).toBe('señor 🔑')
  expect(secrets.seal('señor 🔑')).not.toBe(sealed)
  expect(secrets.open(secrets.seal(''))).toBe('')
})

test('a sealed text that was altered or made with another key is refused', async () => {
  const secrets = await openSecrets({ dataDir, encryptionKey: 'one' })
  const others = await openSecrets({ dataDir, encryptionKey: 'two' })
  const sealed = secrets.seal('clear')

  expect(() => others.open(sealed)).toThrow(SealError)
  expect(() => secrets.open(`${sealed.slice(0, -6)}AAAAAA`)).toThrow(SealError)
  expect(() => secrets.open('clear')).toThrow(SealError)
})

test('the generated key is kept, readable by this account only', async () => {
  const first = await openSecrets({ dataDir })
  const second = await openSecrets({ dataDir })

  expect(second.open(first.seal('clear'))).toBe('clear')
  expect(second.blindIndex('token')).toBe(first.blindIndex('token'))
  expect((await stat(join(dataDir, 'encryption-key'))).mode & 0o777).toBe(0o600)
})

test('processes that start at the same moment agree on one key', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => openSecrets({ dataDir })))

  expect(new Set(all.map((secrets) => secrets.blindIndex('token'))).size).toBe(1)
})

test('the admin token is the configured one, else one that stays the same', async () => {
  const generated = await adminToken({ dataDir })

  expect(await adminToken({ dataDir })).toBe(generated)
  expect((await readFile(join(dataDir, 'admin-token'), 'utf8')).trim()).toBe(generated)
  expect((await stat(join(dataDir, 'admin-token'))).mode & 0o777).toBe(0o600)
  expect(await adminToken({ dataDir, adminToken: 'configured' })).toBe('configured')
})
