import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import { child, node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

/** A companion that is logged in. */
async function companion(phone: string): Promise<WireClient> {
  const linked = await WireClient.linked(sandbox, sandbox.network.createAccount({ phone, name: 'Ann' }))
  linked.close()
  const client = await WireClient.login(sandbox, linked.creds)
  await client.next(({ tag }) => tag === 'success')
  return client
}

/** Whether the client, which never closes by itself, was left alone for a moment and disconnected within two seconds. */
async function wasLeftTime(client: WireClient): Promise<boolean> {
  const from = Date.now()
  await client.closed()
  const waitedMs = Date.now() - from
  return waitedMs > 500 && waitedMs < 2_000
}

test('after linking the socket stays open until the companion closes it', async () => {
  const account = sandbox.network.createAccount({ phone: '551199100001', name: 'Ann' })

  const client = await WireClient.linked(sandbox, account)

  expect(client.received.at(-1)).toMatchObject({ tag: 'stream:error', attrs: { code: '515' } })
  expect(await wasLeftTime(client)).toBe(true)
})

test('a replaced connection may read why before it ends', async () => {
  const client = await companion('551199100002')

  const rival = await WireClient.login(sandbox, client.creds)
  const last = await client.next(({ tag }) => tag === 'stream:error')

  expect(child(last, 'conflict')?.attrs).toEqual({ type: 'replaced' })
  expect(await wasLeftTime(client)).toBe(true)
  rival.close()
})

test('a removed device may read why before it ends', async () => {
  const client = await companion('551199100003')

  const device = sandbox.network.findDevice(client.creds.me?.id ?? '')
  if (device instanceof LinkedDevice) sandbox.server.unlink(device)
  const last = await client.next(({ tag }) => tag === 'stream:error')

  expect(child(last, 'conflict')?.attrs).toEqual({ type: 'device_removed' })
  expect(await wasLeftTime(client)).toBe(true)
})

test('a refused login leaves the client time to read the reason', async () => {
  const { creds } = await companion('551199100004')
  const account = sandbox.network.findAccount('551199100004')
  sandbox.network.faults.inject({ kind: 'refuse-login', reason: 402 }, { account, times: 1 })

  const client = await WireClient.login(sandbox, creds)
  await client.next(({ tag }) => tag === 'failure')

  expect(await wasLeftTime(client)).toBe(true)
})

test('nothing is read or written after the last stanza', async () => {
  const client = await companion('551199100005')
  sandbox.server.streamError(client.creds.me?.id ?? '', 503)
  await client.next(({ tag }) => tag === 'stream:error')

  client.send({ tag: 'iq', attrs: { id: 'late', to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } })
  await client.closed()

  expect(client.received.at(-1)?.tag).toBe('stream:error')
})

test('a fault makes the close leave together with the last stanza', async () => {
  const client = await companion('551199100006')
  sandbox.network.faults.inject({ kind: 'close-at-once' }, { times: 1 })

  sandbox.server.streamError(client.creds.me?.id ?? '', 503)
  await client.next(({ tag }) => tag === 'stream:error')

  expect(await wasLeftTime(client)).toBe(false)
})

test('who comes back before an ended connection is closed replaces nobody', async () => {
  const client = await companion('551199100007')
  sandbox.server.streamError(client.creds.me?.id ?? '', 503)
  await client.next(({ tag }) => tag === 'stream:error')

  const back = await WireClient.login(sandbox, client.creds)
  await back.next(({ tag }) => tag === 'success')

  const device = sandbox.network.findDevice(client.creds.me?.id ?? '') as LinkedDevice
  expect(client.state).toBe('open')
  expect(sandbox.server.connections(device.jid)).toBe(1)
  expect(sandbox.server.overlaps(device)).toEqual({ replaced: 0, mostConnections: 1 })
  back.close()
})

/** Sends a companion what is no ciphertext. */
function write(from: WireClient, { to, id }: { to: WireClient; id: string }, content: Uint8Array): void {
  const enc = node('enc', { v: 2, type: 'msg' }, content)
  from.send(node('message', { id, to: to.creds.me?.id ?? '', type: 'text' }, [enc]))
}

const isMessage = (id: string) => (stanza: BinaryNode) => stanza.tag === 'message' && stanza.attrs.id === id

test('what was delayed arrives before what comes later, also when the delay is over', async () => {
  const [ann, ben] = [await companion('551199200001'), await companion('551199200002')]
  const account = sandbox.network.findAccount('551199200002')
  const delay = sandbox.network.faults.inject({ kind: 'delay', ms: 300 }, { account })
  write(ann, { to: ben, id: 'late-1' }, Buffer.alloc(40))
  await ann.next(({ tag, attrs }) => tag === 'ack' && attrs.id === 'late-1')
  delay.remove()

  write(ann, { to: ben, id: 'late-2' }, Buffer.alloc(40))
  await ben.next(isMessage('late-2'))

  const ids = ben.received.filter(({ tag }) => tag === 'message').map(({ attrs }) => attrs.id)
  expect(ids).toEqual(['late-1', 'late-2'])
})

test.each([
  ['empty', 0],
  ['short', 3],
])('%s ciphertext can be corrupted, and its sender stays connected', async (name, length) => {
  const [ann, ben] = [await companion('551199200003'), await companion('551199200004')]
  sandbox.network.faults.inject({ kind: 'corrupt-message' }, { times: 1 })

  write(ann, { to: ben, id: name }, Buffer.alloc(length))

  await ben.next(isMessage(name))
  const pong = await ann.query('get', 'w:p', [node('ping')])
  expect(pong.attrs.type).toBe('result')
})
