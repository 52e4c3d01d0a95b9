import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { type AuthenticationCreds, type BinaryNode, proto } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

let numbers = 0

async function linkedAccount(): Promise<{ account: Account; creds: AuthenticationCreds }> {
  numbers += 1
  const account = sandbox.network.createAccount({ phone: `5511994000${numbers}`, name: 'Somebody' })
  const client = await WireClient.linked(sandbox, account)
  client.close()
  return { account, creds: client.creds }
}

/** What the service says first to a device that logs in. */
async function greeting(creds: AuthenticationCreds): Promise<BinaryNode> {
  const client = await WireClient.login(sandbox, creds)
  const stanza = await client.next(() => true)
  client.close()
  return stanza
}

async function control(method: string, path: string, body?: object): Promise<number> {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return response.status
}

test('a login is answered with the time of the service', async () => {
  const { creds } = await linkedAccount()

  const { tag, attrs } = await greeting(creds)

  expect(tag).toBe('success')
  expect(Math.abs(Number(attrs.t) - Date.now() / 1000)).toBeLessThan(60)
})

test('a banned account learns why and for how long, and comes back when the ban is lifted', async () => {
  const { account, creds } = await linkedAccount()

  await control('POST', 'ban', { phone: account.phone, code: 103, seconds: 3_600 })
  const refused = await greeting(creds)
  await control('POST', 'ban', { phone: account.phone, seconds: 0 })
  const welcome = await greeting(creds)

  expect(refused).toMatchObject({ tag: 'failure', attrs: { reason: '402', code: '103' } })
  expect(Number(refused.attrs.expire)).toBeGreaterThan(3_590)
  expect(Number(refused.attrs.expire)).toBeLessThanOrEqual(3_600)
  expect(welcome.tag).toBe('success')
})

test('a ban ends the connection of the account', async () => {
  const { account, creds } = await linkedAccount()
  const client = await WireClient.login(sandbox, creds)
  await client.next(({ tag }) => tag === 'success')

  await control('POST', 'ban', { phone: account.phone, seconds: 60 })

  await client.closed()
})

test.each([
  [{ reason: 402 }, { reason: '402', code: '101', expire: '86400' }],
  [
    { reason: 402, attributes: { code: 106, expire: 60 } },
    { reason: '402', code: '106', expire: '60' },
  ],
  [{ reason: 405 }, { reason: '405' }],
  [
    { reason: 403, attributes: { logout_message_header: 'No', message: 'blocked' } },
    { reason: '403', logout_message_header: 'No', message: 'blocked' },
  ],
])('a login refused by %o says so', async (fault, attrs) => {
  const { account, creds } = await linkedAccount()

  await control('POST', 'faults', { kind: 'refuse-login', jid: account.jid(), times: 1, ...fault })

  expect(await greeting(creds)).toEqual({ tag: 'failure', attrs: { location: 'sandbox', ...attrs } })
})

test('a client that would resume a session is led to the full handshake', async () => {
  const { creds } = await linkedAccount()
  const serverKey = sandbox.server.identity.staticKey.public

  const client = await WireClient.login(sandbox, creds, { serverKey })

  expect((await client.next(() => true)).tag).toBe('success')
  client.close()
})

test('both certificates are within their validity', () => {
  const { leaf, intermediate } = proto.CertChain.decode(sandbox.server.identity.certificate)
  const nowSeconds = Date.now() / 1000

  const validities = [leaf, intermediate].map((certificate) => {
    const details = certificate?.details ?? new Uint8Array()
    const { notBefore, notAfter } = proto.CertChain.NoiseCertificate.Details.decode(details)
    return Number(notBefore) < nowSeconds && nowSeconds < Number(notAfter)
  })

  expect(validities).toEqual([true, true])
})

test('what a device refuses to read is settled: it does not come again', async () => {
  const { account, creds } = await linkedAccount()
  const device = sandbox.network.findDevice(account.jid(1))
  const client = await WireClient.login(sandbox, creds)
  await client.next(({ tag }) => tag === 'success')
  const from = '5511994999999@s.whatsapp.net'
  device?.deliver({ tag: 'message', attrs: { id: 'BAD-1', from, type: 'text' }, content: [] })
  device?.deliver({ tag: 'receipt', attrs: { id: 'BAD-2', from, type: 'unheard-of' } })

  client.send({ tag: 'ack', attrs: { class: 'message', id: 'BAD-1', to: from, error: '487' } })
  client.send({
    tag: 'ack',
    attrs: { class: 'receipt', id: 'BAD-2', to: from, type: 'unheard-of', error: '487' },
  })
  client.send({ tag: 'ib', attrs: {}, content: [{ tag: 'unified_session', attrs: { id: '1' } }] })
  await client.query('get', 'w:p', [])
  client.close()
  const next = await WireClient.login(sandbox, creds)
  const offline = await next.next(({ content }) => Array.isArray(content) && content[0]?.tag === 'offline')

  expect(offline.content).toMatchObject([{ attrs: { count: '0' } }])
  expect(sandbox.network.unknownQueries.size).toBe(0)
  next.close()
})

test('a request to repeat waits until the device has dealt with it', async () => {
  const { account, creds } = await linkedAccount()
  const device = sandbox.network.findDevice(account.jid(1))
  device?.deliver({
    tag: 'receipt',
    attrs: { id: 'RETRY', from: '5511994999999@s.whatsapp.net', type: 'retry' },
  })
  const client = await WireClient.login(sandbox, creds)
  await client.next(({ attrs }) => attrs.id === 'RETRY')
  client.close()

  const next = await WireClient.login(sandbox, creds)

  expect((await next.next(({ attrs }) => attrs.id === 'RETRY')).attrs.offline).toBe('0')
  next.close()
})
