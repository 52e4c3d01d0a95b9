import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertUser } from '../../../src/store/users/users.ts'
import { type AuthState, openAuthState } from '../../../src/whatsapp/keys/auth-state.ts'
import { Curve, proto } from '../../../src/whatsapp/library/engine.ts'
import { isCommit } from '../../helpers/commits.ts'
import { sampleUser } from '../../helpers/users.ts'
import { type DeviceHost, deviceHost } from './signal-device.ts'

const { id: userId } = sampleUser()
let host: DeviceHost
let queries: string[]

beforeEach(async () => {
  host = await deviceHost()
  await insertUser(host.db, host.secrets, sampleUser({ id: userId }))
  queries = []
  host.db.on('query', ({ sql }: { sql: string }) => queries.push(sql))
})

afterEach(async () => {
  await host.writer.idle()
  await host.temporary.close()
})

test('credentials and keys of every kind survive a restart', async () => {
  const before = await open()
  before.state.creds.me = { id: '1:2@s.whatsapp.net' }
  await before.saveCreds()
  const pair = Curve.generateKeyPair()
  await before.state.keys.set({
    'pre-key': { '1': pair },
    'device-list': { '1': ['0', '2'] },
    'lid-mapping': { '1': '7' },
    'app-state-sync-key': { k: { keyData: Buffer.from([1, 2]), timestamp: 5 } },
    tctoken: { '7@lid': { token: Buffer.from([9]), timestamp: '3', senderTimestamp: 4 } },
  })

  const { state } = await open()

  expect(state.creds).toEqual({ ...before.state.creds, nextPreKeyId: 2, firstUnuploadedPreKeyId: 2 })
  expect(await state.keys.get('pre-key', ['1', '2'])).toEqual({ '1': pair })
  expect(await state.keys.get('device-list', ['1'])).toEqual({ '1': ['0', '2'] })
  expect(await state.keys.get('lid-mapping', ['1'])).toEqual({ '1': '7' })
  const { k } = await state.keys.get('app-state-sync-key', ['k'])
  expect(k).toBeInstanceOf(proto.Message.AppStateSyncKeyData)
  expect(Buffer.from(k?.keyData ?? [])).toEqual(Buffer.from([1, 2]))
  expect(await state.keys.get('tctoken', ['7@lid'])).toEqual({
    '7@lid': { token: Buffer.from([9]), timestamp: '3', senderTimestamp: 4 },
  })
})

test('new keys never get the number of a key stored before a crash', async () => {
  const crashed = await open()
  await crashed.saveCreds()
  await crashed.state.keys.set({ 'pre-key': { '812': Curve.generateKeyPair() } })

  const { state } = await open()

  expect(state.creds.nextPreKeyId).toBe(813)
  expect(state.creds.firstUnuploadedPreKeyId).toBe(813)
})

test('keys that were read or written are not read from the database again', async () => {
  const { state } = await open()
  await state.keys.set({ 'lid-mapping': { a: '1' } })
  await state.keys.get('lid-mapping', ['missing'])
  queries.length = 0

  const found = await state.keys.get('lid-mapping', ['a', 'missing'])

  expect(found).toEqual({ a: '1' })
  expect(queries).toEqual([])
})

test('a key that is written again unchanged costs no commit', async () => {
  const { state } = await open()
  await state.keys.set({ 'sender-key-memory': { g: { a: true } } })
  queries.length = 0

  await state.keys.set({ 'sender-key-memory': { g: { a: true } } })

  expect(queries).toEqual([])
})

test('a value handed out can be changed by the library without changing what is stored', async () => {
  const { state } = await open()
  await state.keys.set({ 'device-list': { a: ['1'] } })

  const { a } = await state.keys.get('device-list', ['a'])
  a?.push('2')

  expect(await state.keys.get('device-list', ['a'])).toEqual({ a: ['1'] })
})

test('a value that is replaced while it is read does not come back from the cache', async () => {
  const writing = await open()
  await writing.state.keys.set({ 'lid-mapping': { a: 'old' } })
  const { state } = await open()

  const replace = async () => {
    await state.keys.set({ 'lid-mapping': { a: 'new' } })
    return state.keys.get('lid-mapping', ['a'])
  }
  const [, found] = await Promise.all([state.keys.get('lid-mapping', ['a']), replace()])

  expect(found).toEqual({ a: 'new' })
  expect(await state.keys.get('lid-mapping', ['a'])).toEqual({ a: 'new' })
})

test('saves of credentials that pile up become one with the latest values', async () => {
  const auth = await open()
  await auth.saveCreds()
  queries.length = 0

  const saves = [1, 2, 3, 4, 5].map((count) => {
    auth.state.creds.accountSyncCounter = count
    return auth.saveCreds()
  })
  expect(auth.pendingAnswer()).toBeDefined()
  await Promise.all(saves)

  expect(auth.pendingAnswer()).toBeUndefined()
  expect(queries.filter(isCommit)).toHaveLength(2)
  expect((await open()).state.creds.accountSyncCounter).toBe(5)
})

test('after a write failed the store is closed and says so once', async () => {
  const failures: unknown[] = []
  const lease = { userId, owner: 'this node', epoch: 1 }
  const owned = { ...host, leaseOf: () => lease }
  await host.db('users').where('id', userId).update({ owner: lease.owner, epoch: lease.epoch })
  const auth = await openAuthState(owned, userId, { onFailed: (error) => failures.push(error) })
  await auth.state.keys.set({ 'lid-mapping': { a: '1' } })
  await host.db('users').where('id', userId).update({ owner: 'another node', epoch: 2 })

  await expect(auth.state.keys.set({ 'lid-mapping': { a: '2' } })).rejects.toMatchObject({
    code: 'lease_lost',
  })
  await host.db('users').where('id', userId).update({ owner: lease.owner, epoch: lease.epoch })
  await expect(auth.state.keys.set({ 'lid-mapping': { a: '3' } })).rejects.toMatchObject({
    code: 'lease_lost',
  })

  expect(failures).toHaveLength(1)
  expect(await (await open()).state.keys.get('lid-mapping', ['a'])).toEqual({ a: '1' })
})

test('erased keys stay erased, whatever the library still writes', async () => {
  const failures: unknown[] = []
  const auth = await openAuthState(host, userId, { onFailed: (error) => failures.push(error) })
  await auth.saveCreds()
  await auth.state.keys.set({ 'lid-mapping': { a: '1' } })

  await auth.erase()
  await auth.saveCreds()
  await expect(auth.state.keys.set({ 'lid-mapping': { a: '2' } })).rejects.toThrow('erased')

  expect(await host.db('auth')).toEqual([])
  expect(failures).toEqual([])
})

function open(): Promise<AuthState> {
  return openAuthState(host, userId)
}
