import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { child, children, node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { WireClient } from './wire-client.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

let numbers = 0

function person(): Account {
  numbers += 1
  return sandbox.network.createAccount({ phone: `5511992000${numbers}`, name: 'Somebody' })
}

async function companionOf(account: Account): Promise<WireClient> {
  const linked = await WireClient.linked(sandbox, account)
  linked.close()
  const client = await WireClient.login(sandbox, linked.creds)
  await client.next(({ tag }) => tag === 'success')
  return client
}

/** As clients compute it: names with agent and device, sorted and joined. */
function hashOf(...names: string[]): string {
  const digest = createHash('sha256').update(names.sort().join('')).digest()
  return `2:${digest.subarray(0, 6).toString('base64')}`
}

function askDevices(client: WireClient, jid: string): Promise<BinaryNode> {
  return client.query('get', 'usync', [
    node('usync', { sid: '1', mode: 'query', context: 'message', index: 0, last: 'true' }, [
      node('query', {}, [node('devices', { version: 2 })]),
      node('list', {}, [node('user', { jid })]),
    ]),
  ])
}

/** What a client is told about changed devices: attributes of the notification, what changed, and the devices. */
async function change(client: WireClient, type: string) {
  const stanza = await client.next(({ tag, attrs }) => tag === 'notification' && attrs.type === type)
  const { id: _id, t: _t, ...attrs } = stanza.attrs
  const [what] = children(stanza)
  return { attrs, tag: what?.tag, what: what?.attrs, devices: children(what).map((device) => device.attrs) }
}

test("an account's own devices get the complete list when one is linked", async () => {
  const account = person()
  const { phone } = account
  const first = await companionOf(account)

  const second = await companionOf(account)

  expect(await change(first, 'account_sync')).toEqual({
    attrs: { from: account.jid(), type: 'account_sync' },
    tag: 'devices',
    what: {
      dhash: hashOf(
        `${phone}.0:0@s.whatsapp.net`,
        `${phone}.0:1@s.whatsapp.net`,
        `${phone}.0:2@s.whatsapp.net`,
      ),
    },
    devices: [
      { jid: account.jid() },
      { jid: account.jid(1), 'key-index': '1' },
      { jid: account.jid(2), 'key-index': '2' },
    ],
  })
  expect(first.received.some(({ attrs }) => attrs.type === 'devices')).toBe(false)
  second.close()
  first.close()
})

test('who asked by number is told of one device with both addresses and both hashes', async () => {
  const account = person()
  const { phone, lid } = account
  const reader = await companionOf(person())
  await askDevices(reader, account.jid())

  const linked = await companionOf(account)

  expect(await change(reader, 'devices')).toEqual({
    attrs: { from: account.jid(), type: 'devices', lid: account.lidJid() },
    tag: 'add',
    what: {
      device_hash: hashOf(`${phone}.0:0@s.whatsapp.net`, `${phone}.0:1@s.whatsapp.net`),
      device_lid_hash: hashOf(`${lid}.0:0@lid`, `${lid}.0:1@lid`),
    },
    devices: [{ jid: account.jid(1), lid: account.lidJid(1), 'key-index': '1' }],
  })
  linked.close()
  reader.close()
})

test('who asked by LID is told under the LID', async () => {
  const account = person()
  const linked = await companionOf(account)
  const reader = await companionOf(person())
  const answer = await askDevices(reader, account.lidJid())

  await linked.query('set', 'md', [node('remove-companion-device', { jid: account.jid(1) })])

  const list = child(child(child(child(answer, 'usync'), 'list'), 'user'), 'devices')
  expect(child(list, 'device-list')?.attrs.hash).toBe(
    hashOf(`${account.lid}.0:0@lid`, `${account.lid}.0:1@lid`),
  )
  expect(await change(reader, 'devices')).toEqual({
    attrs: { from: account.lidJid(), type: 'devices' },
    tag: 'remove',
    what: { device_hash: hashOf(`${account.lid}.0:0@lid`) },
    devices: [{ jid: account.lidJid(1), 'key-index': '1' }],
  })
  reader.close()
})

test('the ack of a message of two has the hash of the devices of both, in the address family of the chat', async () => {
  const [own, partner] = [person(), person()]
  const client = await companionOf(own)
  const listed = node('participants', {}, [node('to', { jid: partner.lidJid() }, [enc()])])

  client.send(node('message', { id: 'M1', to: partner.lidJid(), type: 'text' }, [listed]))
  client.send(node('message', { id: 'M2', to: own.jid(), type: 'text', category: 'peer' }, [enc()]))
  const acks = [await ackOf(client, 'M1'), await ackOf(client, 'M2')]

  expect(acks.map(({ phash }) => phash)).toEqual([
    hashOf(`${own.lid}.0:0@lid`, `${own.lid}.0:1@lid`, `${partner.lid}.0:0@lid`),
    undefined,
  ])
  client.close()
})

test('the ack of a group message has the hash of the devices of all members', async () => {
  const [own, partner] = [person(), person()]
  const client = await companionOf(own)
  const group = sandbox.network.createGroup({ subject: 'Two', creator: own, members: [partner] })

  client.send(node('message', { id: 'M3', to: group.jid, type: 'text' }, [enc()]))

  expect((await ackOf(client, 'M3')).phash).toBe(
    hashOf(`${own.lid}.0:0@lid`, `${own.lid}.0:1@lid`, `${partner.lid}.0:0@lid`),
  )
  client.close()
})

test('tokens are for the service: the recipient sees neither kind', async () => {
  const [own, partner] = [person(), person()]
  const [client, reader] = [await companionOf(own), await companionOf(partner)]
  const listed = node('participants', {}, [node('to', { jid: partner.lidJid(1) }, [enc()])])

  client.send(
    node('message', { id: 'M4', to: partner.lidJid(), type: 'text' }, [
      listed,
      node('meta', { appdata: 'default' }),
      node('tctoken', {}, Buffer.from('trusted')),
      node('cstoken', {}, Buffer.from('computed')),
    ]),
  )
  const received = await reader.next(({ attrs }) => attrs.id === 'M4')

  expect(children(received).map(({ tag }) => tag)).toEqual(['enc', 'meta'])
  client.close()
  reader.close()
})

function enc(): BinaryNode {
  return node('enc', { v: 2, type: 'msg' }, Buffer.from('ciphertext'))
}

async function ackOf(client: WireClient, id: string): Promise<BinaryNode['attrs']> {
  return (await client.next(({ tag, attrs }) => tag === 'ack' && attrs.id === id)).attrs
}
