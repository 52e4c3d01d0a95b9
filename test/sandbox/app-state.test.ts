import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { answerCompanion } from '../../src/sandbox/peer/phone.ts'
import { SharedSettings } from '../../src/sandbox/peer/shared-settings.ts'
import { child, children, node } from '../../src/sandbox/world/node.ts'
import {
  type BinaryNode,
  decodePatches,
  newLTHashState,
  proto,
  WA_CERT_DETAILS,
  type WAPatchName,
} from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

const { COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY } = proto.Message.PeerDataOperationRequestType

let sandbox: Sandbox
let owner: Peer
let companion: Companion
const friend = { phone: '4479000201', name: 'Fay Friend' }

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  sandbox.network.createAccount(friend)
  sandbox.network.createAccount({ phone: '4479000202', name: '4479000202' })
  companion = await link(sandbox, { phone: '4479000200', name: 'Olga Owner' })
  owner = sandbox.network.findDevice('4479000200') as Peer // every phone of this sandbox is one
  await companion.event('the settings', () => companion.creds.accountSyncCounter || undefined)
})
afterAll(async () => {
  await companion.close()
  await sandbox.stop()
})

/** Asks for collections as the companion would, or changes one. */
async function sync(name: string, version: number, patch?: Uint8Array): Promise<BinaryNode | undefined> {
  const device = sandbox.network.findDevice(companion.jid)
  if (!device) throw new Error('the companion is gone')
  const content = patch && [node('patch', {}, patch)]
  const collection = node('collection', { name, version, return_snapshot: String(version === 0) }, content)
  const request = node('iq', { id: '1', to: '@s.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' }, [
    node('sync', {}, [collection]),
  ])
  return child(child(await sandbox.network.iq(device, request), 'sync'), 'collection')
}

const patchesIn = (collection: BinaryNode | undefined) =>
  children(child(collection, 'patches')).map(({ content }) => content as Uint8Array) // patches are bytes

/** What a client finds in a collection that it reads from the beginning; sums and seals are checked. */
async function read(name: WAPatchName) {
  const key = await companion.socket.authState.keys.get('app-state-sync-key', [
    companion.creds.myAppStateKeyId ?? '',
  ])
  const problems: string[] = []
  const note = (_details: unknown, problem: string) => problems.push(problem)
  const patches = patchesIn(await sync(name, 0)).map((patch) => proto.SyncdPatch.decode(patch))
  const { mutationMap, state } = await decodePatches(
    name,
    patches,
    newLTHashState(),
    async () => key[companion.creds.myAppStateKeyId ?? ''],
    {},
    undefined,
    // All that is used of a logger here.
    { warn: note, trace() {}, debug() {} } as never,
  )
  const found = Object.values(mutationMap).map(({ index, syncAction }) => [
    index.join(' '),
    syncAction.value ?? {},
  ])
  return { found: Object.fromEntries(found), version: state.version, hash: state.hash, problems }
}

describe('a new companion finds', () => {
  test('its name and language', async () => {
    const { found, version, problems } = await read('critical_block')

    expect(problems).toEqual([])
    expect(version).toBe(1)
    expect(found).toMatchObject({
      setting_pushName: { pushNameSetting: { name: 'Olga Owner' } },
      setting_locale: { localeSetting: { locale: 'en_US' } },
    })
    expect(companion.creds.me?.name).toBe('Olga Owner')
  })

  test('the address book, in which nobody is without a name', async () => {
    const { found, problems } = await read('critical_unblock_low')

    expect(problems).toEqual([])
    expect(found).toMatchObject({
      'contact 4479000201@s.whatsapp.net': {
        contactAction: {
          fullName: 'Fay Friend',
          firstName: 'Fay',
          lidJid: sandbox.network.findAccount(friend.phone)?.lidJid(),
        },
      },
    })
    expect(Object.keys(found)).toHaveLength(1)
  })

  test('it once: a client is told of each contact a single time', async () => {
    const seen = await companion.event('the contact', (events) => events['contacts.upsert'])

    expect(seen.filter(({ name }) => name === 'Fay Friend')).toHaveLength(1)
  })

  test('what an earlier one found, and what is new since', async () => {
    sandbox.network.createAccount({ phone: '4479000203', name: 'Nora New' })

    const second = await link(sandbox, { phone: '4479000200', name: 'Olga Owner' })
    await expect.poll(() => second.creds.accountSyncCounter).toBeGreaterThan(0)
    await second.close()

    expect((await read('critical_block')).version).toBe(1)
    const { found, version, problems } = await read('critical_unblock_low')
    expect(problems).toEqual([])
    expect(version).toBe(2)
    expect(Object.keys(found)).toContain('contact 4479000203@s.whatsapp.net')
  })
})

test('whoever changes an old version is told what is newer beside the refusal', async () => {
  const [patch = new Uint8Array()] = patchesIn(await sync('critical_block', 0))

  const refused = await sync('critical_block', 0, patch)
  const ahead = await sync('critical_block', 9, patch)

  expect(refused?.attrs).toMatchObject({ type: 'error', name: 'critical_block', version: '1' })
  expect(child(refused, 'error')?.attrs.code).toBe('409')
  expect(patchesIn(refused)).toEqual([patch])
  expect(patchesIn(ahead)).toEqual([])
})

test('there are five collections and no other', async () => {
  const unknown = await sync('irregular', 0)

  expect(unknown?.attrs.type).toBe('error')
  expect(child(unknown, 'error')?.attrs.code).toBe('400')
})

test('what is no patch is refused', async () => {
  const refused = await sync('regular', 0, Buffer.from([1, 2, 3]))

  expect(refused?.attrs.type).toBe('error')
  expect(child(refused, 'error')?.attrs.code).toBe('400')
})

test('a phone files nothing for a version that is no longer the newest', async () => {
  const account = sandbox.network.createAccount({ phone: '4479000220', name: 'Rae' })
  const settings = new SharedSettings(sandbox.network, account)

  // The second stands for a companion that writes while the phone is reading.
  await Promise.all([settings.fileFor(owner, [owner.account]), settings.fileFor(owner, [owner.account])])

  const patches = [...account.appState.values()].map((written) => written.length)
  expect(patches).toEqual([1, 1, 1])
})

describe('a phone answers a companion that', () => {
  /** The phone of somebody who has written nothing, its settings and what it answers. */
  async function phone() {
    const account = sandbox.network.createAccount({ phone: '4479000210', name: 'Paul' })
    const settings = new SharedSettings(sandbox.network, account)
    await settings.fileFor(owner, [owner.account])
    const past = { owner: account, received: [], sent: [], contacts: [], chatOf: (jid: string) => jid }
    const post = { media: sandbox.network.media, nctSalt: settings.nctSalt }
    const answer = async (protocolMessage: proto.Message.IProtocolMessage) =>
      (await answerCompanion('ID', { protocolMessage }, { past, post, settings }))?.protocolMessage
    return { settings, answer }
  }

  test('can no longer read a collection: with all of it in plain text', async () => {
    const { settings, answer } = await phone()
    const recover = async (collectionName: string) => {
      const peerDataOperationRequestMessage = {
        peerDataOperationRequestType: COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY,
        syncdCollectionFatalRecoveryRequest: { collectionName },
      }
      const response = (await answer({ peerDataOperationRequestMessage }))
        ?.peerDataOperationRequestResponseMessage
      expect(response?.stanzaId).toBe('ID')
      return response?.peerDataOperationResult ?? []
    }

    const [result, ...others] = await recover('critical_unblock_low')
    const { collectionSnapshot, isCompressed } = result?.syncdSnapshotFatalRecoveryResponse ?? {}
    const snapshot = gunzipSync(collectionSnapshot ?? new Uint8Array())

    expect([isCompressed, others]).toEqual([true, []])
    // SyncdSnapshotRecovery: version { 1: 1 }, then the name of the collection.
    expect(snapshot.subarray(0, 4)).toEqual(Buffer.from([0x0a, 2, 8, 1]))
    expect(snapshot.includes('critical_unblock_low')).toBe(true)
    expect(snapshot.includes('["contact","4479000200@s.whatsapp.net"]')).toBe(true)
    expect(snapshot.includes(settings.key.id)).toBe(true)
    expect(await recover('regular_low')).toEqual([])
  })

  test('lacks a key: with the key, or with an empty entry where there never was one', async () => {
    const { settings, answer } = await phone()
    const strange = Buffer.from([1, 2, 3, 4, 5, 6])

    const keyIds = [{ keyId: strange }, { keyId: settings.key.id }]
    const keys = (await answer({ appStateSyncKeyRequest: { keyIds } }))?.appStateSyncKeyShare?.keys

    expect(keys).toMatchObject([
      { keyId: { keyId: strange } },
      { keyId: { keyId: settings.key.id }, keyData: { keyData: expect.any(Buffer) } },
    ])
    expect(keys?.[0]?.keyData).toBeUndefined()
  })
})

test('what a phone tells a companion alone is repeated when it asks for another copy', async () => {
  const device = sandbox.network.findDevice(companion.jid)
  const ofPhone = () =>
    sandbox.server.stanzas.list(
      ({ device: jid, stanza }) =>
        jid === companion.jid && stanza.tag === 'message' && stanza.attrs.category === 'peer',
    )
  const [first] = ofPhone()
  const { id = '', from } = first?.stanza.attrs ?? {}
  const copies = () => ofPhone().filter(({ stanza }) => stanza.attrs.id === id)
  if (!device) throw new Error('the companion is gone')

  const asked = [node('retry', { count: 1, id, t: 1, v: 1 })]
  sandbox.network.receive(device, node('receipt', { id, to: from, type: 'retry' }, asked))
  await expect.poll(() => copies().length).toBe(2)

  const [, repeated] = copies()
  expect(repeated?.stanza.attrs).toMatchObject({ from, category: 'peer' })
  expect(child(repeated?.stanza, 'enc')?.attrs).toMatchObject({ type: 'pkmsg', count: '1' })
})
