import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { bytes, child, children, node } from '../../src/sandbox/world/node.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  Curve,
  encodeBigEndian,
  generateSignalPubKey,
} from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

interface Key {
  id: number
  publicKey: Uint8Array
}

let sandbox: Sandbox
let client: WireClient
beforeAll(async () => {
  // A phone that does nothing: a real one takes a key as soon as there is one.
  sandbox = await startSandbox({
    makePhone: (account) => ({ account, id: 0, takeBundle: () => undefined, deliver: () => {} }),
  })
  const account = sandbox.network.createAccount({ phone: '5511995000001', name: 'Ann' })
  const linked = await WireClient.linked(sandbox, account)
  linked.close()
  client = await WireClient.login(sandbox, linked.creds)
  await client.next(({ tag }) => tag === 'success')
})
afterAll(() => sandbox.stop())

const keys: Key[] = Array.from({ length: 12 }, (_, index) => ({
  id: index + 1,
  publicKey: Curve.generateKeyPair().public,
}))

test('a device that has uploaded nothing has no record', async () => {
  const refused = await ask('digest')

  expect(child(refused, 'error')?.attrs.code).toBe('404')
  expect(await count()).toBe(0)
})

test('the digest tells every key the service holds, and their hash', async () => {
  await client.query('set', 'encrypt', upload(client.creds, keys))

  const digest = child(await ask('digest'), 'digest')

  expect(numberOf(child(digest, 'registration'))).toBe(client.creds.registrationId)
  expect(bytes(child(digest, 'identity'))).toEqual(Buffer.from(client.creds.signedIdentityKey.public))
  expect(numberOf(child(child(digest, 'skey'), 'id'))).toBe(client.creds.signedPreKey.keyId)
  expect(children(child(digest, 'list')).map(numberOf)).toEqual(keys.map(({ id }) => id))
  expect(bytes(child(digest, 'hash'))).toEqual(hashOf(client.creds, keys))
  expect(await count()).toBe(12)
})

test('a key that was handed out is counted no more, and is not in the digest', async () => {
  await client.query('get', 'encrypt', [node('key', {}, [node('user', { jid: client.creds.me?.id })])])

  const digest = child(await ask('digest'), 'digest')

  expect(await count()).toBe(11)
  expect(children(child(digest, 'list'))).toHaveLength(11)
  expect(bytes(child(digest, 'hash'))).toEqual(hashOf(client.creds, keys.slice(1)))
})

test('a signed key is replaced by rotation', async () => {
  const { signedIdentityKey } = client.creds
  const keyPair = Curve.generateKeyPair()
  const signature = Curve.sign(signedIdentityKey.private, generateSignalPubKey(keyPair.public))

  await client.query('set', 'encrypt', [
    node('rotate', {}, [
      node('skey', {}, [
        node('id', {}, encodeBigEndian(7, 3)),
        node('value', {}, keyPair.public),
        node('signature', {}, signature),
      ]),
    ]),
  ])

  const digest = child(await ask('digest'), 'digest')
  expect(numberOf(child(child(digest, 'skey'), 'id'))).toBe(7)
  expect(children(child(digest, 'list'))).toHaveLength(11)
})

test('an upload without keys is refused', async () => {
  const refused = await client.query('set', 'encrypt', [node('registration', {}, encodeBigEndian(1))])

  expect(child(refused, 'error')?.attrs.code).toBe('400')
})

function ask(what: string): Promise<BinaryNode> {
  return client.query('get', 'encrypt', [node(what)])
}

async function count(): Promise<number> {
  return Number(child(await ask('count'), 'count')?.attrs.value)
}

function numberOf(holder: BinaryNode | undefined): number {
  const content = bytes(holder) ?? Buffer.alloc(1)
  return content.readUIntBE(0, content.length)
}

/** As clients compute it from their own keys, in the order of the list. */
function hashOf({ signedIdentityKey, signedPreKey }: AuthenticationCreds, stock: Key[]): Buffer {
  const hash = createHash('sha1')
    .update(signedIdentityKey.public)
    .update(signedPreKey.keyPair.public)
    .update(signedPreKey.signature)
  for (const { publicKey } of stock) hash.update(publicKey)
  return hash.digest()
}

function upload(creds: AuthenticationCreds, stock: Key[]): BinaryNode[] {
  const { signedIdentityKey, signedPreKey, registrationId } = creds
  const parts = (id: number, value: Uint8Array) => [
    node('id', {}, encodeBigEndian(id, 3)),
    node('value', {}, value),
  ]
  return [
    node('registration', {}, encodeBigEndian(registrationId)),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, signedIdentityKey.public),
    node(
      'list',
      {},
      stock.map(({ id, publicKey }) => node('key', {}, parts(id, publicKey))),
    ),
    node('skey', {}, [
      ...parts(signedPreKey.keyId, signedPreKey.keyPair.public),
      node('signature', {}, signedPreKey.signature),
    ]),
  ]
}
