import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import type { Peer } from '../../../src/sandbox/peer/peer.ts'
import { child, children, node, SERVICE } from '../../../src/sandbox/world/node.ts'
import { initAuthCreds } from '../../../src/whatsapp/library/engine.ts'
import { WireClient } from '../wire-client.ts'

// A network as it stood behind another server: what the service and the phones knew at that moment. See the page beside it.
const world = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/whatsmeow/network.json'), 'utf8'),
)
const [SHOP, OFFICE, ANA, BEN] = ['491511110001', '491511110002', '15550100001', '15550100002']

/** Answers are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ state: world })
})
afterAll(() => sandbox.stop())

function companion(phone: string, at = sandbox): LinkedDevice {
  const device = at.network.findAccount(phone)?.devices.get(1)
  if (!(device instanceof LinkedDevice)) throw new Error(`nothing is linked to ${phone}`)
  return device
}

test('everybody is there, with their devices and groups', async () => {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/state`)
  const { accounts, groups }: Json = await response.json()

  expect(accounts.map(({ name, phone, lid }: Json) => [name, phone, lid])).toEqual(
    world.accounts.map(({ name, phone, lid }: Json) => [name, phone, `${lid}@lid`]),
  )
  const devices = accounts.flatMap(({ devices }: Json) => devices)
  expect(devices).toMatchObject([
    { jid: `${SHOP}:1@s.whatsapp.net`, connected: false, unacknowledged: 9, preKeys: 800 },
    { jid: `${OFFICE}:1@s.whatsapp.net`, connected: false, unacknowledged: 1, preKeys: 808 },
  ])
  expect(groups).toEqual([
    {
      jid: '120363000000000001@g.us',
      subject: 'Team',
      members: [
        { phone: SHOP, rank: 'superadmin' },
        { phone: ANA, rank: 'member' },
        { phone: BEN, rank: 'member' },
      ],
    },
  ])
})

test('what waits for the linked devices are the messages that were not acknowledged, in their order', () => {
  const waiting = (phone: string) => companion(phone).unacknowledged.map(({ attrs }) => attrs.id)
  const pending = (token: string) =>
    world.pending.filter((one: Json) => one.for === token).map(({ id }: Json) => id)

  expect(waiting(SHOP)).toEqual(pending('shop-token'))
  expect(waiting(OFFICE)).toEqual(pending('office-token'))
  expect(waiting(SHOP).length + waiting(OFFICE).length).toBe(10)
  for (const stanza of companion(SHOP).unacknowledged) {
    const encrypted = child(stanza, 'enc') ?? { tag: '', attrs: {}, content: undefined }
    expect(['msg', 'pkmsg', 'skmsg']).toContain(encrypted.attrs.type)
    expect(encrypted.content).toBeInstanceOf(Uint8Array)
  }
})

test('a device without the keys of the linked one is not let in, and its messages stay', async () => {
  const creds = initAuthCreds()
  creds.me = { id: `${SHOP}:1@s.whatsapp.net` }

  const client = await WireClient.login(sandbox, creds)

  const failure = await client.next(({ tag }) => tag === 'failure')
  expect(failure.attrs.reason).toBe('401')
  expect(companion(SHOP).unacknowledged).toHaveLength(9)
})

test('one-time keys that were handed out are not handed out again', async () => {
  const fresh = await startSandbox({ state: world })
  const shop = companion(SHOP, fresh)
  const offered = world.accounts
    .find(({ phone }: Json) => phone === SHOP)
    .companions[0].preKeys.map(({ id }: Json) => id)

  const taken = offered.map(() => shop.takeBundle().preKey?.id)

  expect(taken).toEqual(offered)
  expect(shop.takeBundle().preKey).toBeUndefined()
  // Phones make theirs; the last that Shop's had handed out was the fifth.
  expect(fresh.network.findDevice(SHOP)?.takeBundle()?.preKey?.id).toBe(6)
  await fresh.stop()
})

test('the shared settings are answered with the stored patches', async () => {
  const read = async (name: string) => {
    const collection = node('collection', { name, version: 0, return_snapshot: 'true' })
    const request = node('iq', { id: '1', to: SERVICE, type: 'set', xmlns: 'w:sync:app:state' }, [
      node('sync', {}, [collection]),
    ])
    return child(child(await sandbox.network.iq(companion(SHOP), request), 'sync'), 'collection')
  }

  const archived = await read('regular_low')
  const empty = await read('regular')

  const [stored] = world.accounts.find(({ phone }: Json) => phone === SHOP).appState.regular_low
  expect(archived?.attrs.version).toBe('1')
  expect(children(child(archived, 'patches')).map(({ content }) => content)).toEqual([
    Buffer.from(stored.data, 'base64'),
  ])
  expect(empty?.attrs.version).toBe('0')
})

test("the phone of the account reads the settings its companion has changed, so it has the account's key", async () => {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts/${SHOP}/settings`)
  const { settings }: Json = await response.json()

  expect(settings.map(({ index }: Json) => index[0])).toContain('archive')
})

test('contacts go on in their sessions: phones read what they write now, for companions it waits behind the rest', async () => {
  const fresh = await startSandbox({ state: world })
  const peer = (phone: string) => fresh.network.findDevice(phone) as Peer // every phone of this sandbox is one

  const toShop = await peer(ANA).send(`${SHOP}@s.whatsapp.net`, { text: 'later still' })
  const toAll = await peer(BEN).send('120363000000000001@g.us', { text: 'anybody?' })
  for (const phone of [SHOP, ANA]) await peer(phone).idle()

  const waiting = companion(SHOP, fresh).unacknowledged.slice(9)
  expect(waiting.map(({ attrs }) => attrs.id)).toEqual([toShop.id, toAll.id])
  expect(waiting.map((stanza) => child(stanza, 'enc')?.attrs.type)).toEqual(['msg', 'skmsg'])
  expect(peer(SHOP).messages.map(({ text }) => text)).toEqual(['later still', 'anybody?'])
  expect(peer(ANA).messages.map(({ text }) => text)).toEqual(['anybody?'])
  expect(fresh.network.retryRequests.total).toBe(0)
  await fresh.stop()
})

test('it can be saved, and loaded through the control plane into a sandbox where nobody is', async () => {
  const other = await startSandbox()
  const saved = await (await fetch(`${sandbox.controlUrl}/sandbox/state/full`)).text()
  const load = () => fetch(`${other.controlUrl}/sandbox/state/full`, { method: 'POST', body: saved })

  const first = await load()
  const second = await load()

  expect(first.status).toBe(200)
  expect(await second.json()).toEqual({ error: 'the state cannot be loaded: somebody is there already' })
  const { service: _other, ...again } = JSON.parse(JSON.stringify(await other.save()))
  const { service: _first, ...before } = JSON.parse(saved)
  expect(again).toEqual(before)
  expect(before.accounts.map(({ device0 }: Json) => device0)).toMatchObject(
    world.accounts.map(({ device0 }: Json) => device0),
  )
  await other.stop()
})

test.each([
  ['a list', [], 'this is no saved state of a sandbox: all of it: '],
  ['another version', { ...world, version: 2 }, 'this sandbox reads version 1'],
  ['no accounts', {}, 'this is no saved state of a sandbox: accounts: '],
  [
    'a key that is too short',
    { accounts: [{ ...world.accounts[0], identity: { public: bytes(31), private: bytes(32) } }] },
    'accounts.0.identity.public: a key has 32 bytes',
  ],
  ['a group of strangers', { accounts: [], groups: world.groups }, `it names ${SHOP}, which is not in it`],
  ['a number twice', { accounts: [world.accounts[0], world.accounts[0]] }, 'have the same number'],
  ['something far too deep', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), 'nested too deep'],
])('%s is refused with a sentence', async (_name, state, sentence) => {
  await expect(startSandbox({ state })).rejects.toThrow(sentence)
})

function bytes(length: number) {
  return { type: 'Buffer', data: Buffer.alloc(length).toString('base64') }
}
