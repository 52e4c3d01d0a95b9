import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adminToken } from '../../src/lib/secrets/admin-token.ts'
import { DecryptionError, openSecrets } from '../../src/lib/secrets/secrets.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-secrets-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

test('what is encrypted can be opened, and looks different each time', async () => {
  const secrets = await openSecrets({ dataDir })

  const encrypted = secrets.encrypt('señor 🔑')

  expect(secrets.decrypt(encrypted)).toBe('señor 🔑')
  expect(secrets.encrypt('señor 🔑')).not.toBe(encrypted)
  expect(secrets.decrypt(secrets.encrypt(''))).toBe('')
})

test('an encrypted text that was altered or made with another key is refused', async () => {
  const secrets = await openSecrets({ dataDir, encryptionKey: 'one' })
  const others = await openSecrets({ dataDir, encryptionKey: 'two' })
  const encrypted = secrets.encrypt('clear')

  expect(() => others.decrypt(encrypted)).toThrow(DecryptionError)
  expect(() => secrets.decrypt(`${encrypted.slice(0, -6)}AAAAAA`)).toThrow(DecryptionError)
  expect(() => secrets.decrypt('clear')).toThrow(DecryptionError)
})

test('the generated key is kept, readable by this account only', async () => {
  const first = await openSecrets({ dataDir })
  const second = await openSecrets({ dataDir })

  expect(second.decrypt(first.encrypt('clear'))).toBe('clear')
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
