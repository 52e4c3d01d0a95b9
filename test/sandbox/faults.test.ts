import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

const ANN = { phone: '551199200001', name: 'Ann' }
const BEN = { phone: '551199200002', name: 'Ben' }

let sandbox: Sandbox
let ann: WireClient
let ben: WireClient

beforeAll(async () => {
  sandbox = await startSandbox()
  ann = await companion(ANN)
  ben = await companion(BEN)
})
afterAll(() => sandbox.stop())
beforeEach(() => sandbox.network.faults.clear())

async function companion(owner: typeof ANN): Promise<WireClient> {
  const linked = await WireClient.linked(sandbox, sandbox.network.createAccount(owner))
  linked.close()
  const client = await WireClient.login(sandbox, linked.creds)
  await client.next(({ tag }) => tag === 'success')
  return client
}

/** Sends Ben's companion what is no ciphertext. */
function write(id: string, content: Uint8Array): void {
  const to = ben.creds.me?.id ?? ''
  const enc = node('enc', { v: 2, type: 'msg' }, content)
  ann.send(node('message', { id, to, type: 'text' }, [enc]))
}

const isMessage = (id: string) => (stanza: BinaryNode) => stanza.tag === 'message' && stanza.attrs.id === id

test('what was delayed arrives before what comes later, also when the delay is over', async () => {
  const account = sandbox.network.findAccount(BEN.phone)
  const delay = sandbox.network.faults.inject({ kind: 'delay', ms: 300 }, { account })
  write('late-1', Buffer.alloc(40))
  await ann.next(({ tag, attrs }) => tag === 'ack' && attrs.id === 'late-1')
  delay.remove()

  write('late-2', Buffer.alloc(40))
  await ben.next(isMessage('late-2'))

  const ids = ben.received.filter(({ tag }) => tag === 'message').map(({ attrs }) => attrs.id)
  expect(ids).toEqual(['late-1', 'late-2'])
})

test.each([
  ['empty', 0],
  ['short', 3],
])('%s ciphertext can be corrupted, and its sender stays connected', async (name, length) => {
  sandbox.network.faults.inject({ kind: 'corrupt-message' }, { times: 1 })

  write(name, Buffer.alloc(length))

  await ben.next(isMessage(name))
  const pong = await ann.query('get', 'w:p', [node('ping')])
  expect(pong.attrs.type).toBe('result')
})
