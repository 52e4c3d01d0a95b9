import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import { WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { Companion, link } from './companion.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
})
afterAll(() => sandbox.stop())

test('a companion is linked by QR code, restarts and logs in', async () => {
  const account = sandbox.network.createAccount({ phone: '551199000001', name: 'Ann' })
  const companion = new Companion(sandbox)
  companion.connect()

  const device = await sandbox.server.pairing.scan(account, await companion.qr())
  const restart = await companion.closed()
  companion.connect()
  await companion.open()

  expect(restart).toBe(515)
  expect(companion.creds.me).toMatchObject({ id: account.jid(1), lid: account.lidJid(1) })
  expect(device.preKeyIds.length).toBeGreaterThan(100)
  expect(sandbox.server.connections(device.jid)).toBe(1)
  expect(sandbox.network.unknownQueries.size).toBe(0)
  await companion.close()
})

test('a companion is linked by the code it shows', async () => {
  const account = sandbox.network.createAccount({ phone: '551199000002', name: 'Ben' })
  const companion = new Companion(sandbox)
  const socket = companion.connect()
  await companion.qr()

  const code = await socket.requestPairingCode(account.phone)
  await sandbox.server.stanzas.find(({ stanza }) => JSON.stringify(stanza).includes('companion_hello'))
  const device = await sandbox.server.pairing.enterCode(account, code)
  await companion.closed()
  companion.connect()
  await companion.open()

  expect(companion.jid).toBe(device.jid)
  await companion.close()
})

test('a wrong pairing code is refused', async () => {
  const account = sandbox.network.createAccount({ phone: '551199000003', name: 'Cid' })
  const companion = new Companion(sandbox)
  const socket = companion.connect()
  await companion.qr()

  await socket.requestPairingCode(account.phone, 'ABCDEFGH')
  await sandbox.server.stanzas.find(({ stanza }) => JSON.stringify(stanza).includes(account.phone))
  const linked = sandbox.server.pairing.enterCode(account, 'ABCDEFGX')

  await expect(linked).rejects.toThrow('the pairing code is wrong')
  await companion.close()
})

test('a device that was removed is told so and cannot log in again', async () => {
  const companion = await link(sandbox, { phone: '551199000004', name: 'Dan' })
  const device = sandbox.network.findDevice(companion.jid)

  if (device instanceof LinkedDevice) sandbox.server.unlink(device)
  const told = await companion.closed()
  companion.connect()
  const refused = await companion.closed()

  expect([told, refused]).toEqual([401, 401])
})

test('a device that logs out is gone for everybody', async () => {
  const companion = await link(sandbox, { phone: '551199000007', name: 'Gus' })
  const account = sandbox.network.findAccount(companion.jid)

  await companion.socket.logout()
  await expect.poll(() => account?.devices.size).toBe(1)
  companion.connect()

  expect(await companion.closed()).toBe(401)
})

test('a second login of the same device replaces the first', async () => {
  const companion = await link(sandbox, { phone: '551199000005', name: 'Eve' })
  const rival = new Companion(sandbox)
  Object.assign(rival.creds, companion.creds)

  rival.connect()
  await rival.open()

  expect(await companion.closed()).toBe(440)
  expect(sandbox.server.logins(companion.jid)).toBe(2)
  await rival.close()
})

test('a device outlives a restart of the server', async () => {
  const companion = await link(sandbox, { phone: '551199000006', name: 'Fay' })

  await sandbox.server.stop()
  const lost = await companion.closed()
  await sandbox.server.start()
  companion.connect()
  await companion.open()

  expect(lost).toBe(428)
  await companion.close()
})

test('a server with another root is not trusted', async () => {
  const impostor = await startSandbox()
  const companion = new Companion(impostor)

  companion.connect()

  expect(await companion.closed()).toBe(400)
  await impostor.stop()
})
