import { afterEach, beforeEach, expect, test } from 'vitest'
import { marked } from '../../src/transfer/signal/curve-keys.ts'
import type { LibraryRecord } from '../../src/transfer/signal/library-session.ts'
import { sessionFromGo } from '../../src/transfer/signal/session-from-go.ts'
import { sessionToGo } from '../../src/transfer/signal/session-to-go.ts'
import {
  type DeviceHost,
  deviceHost,
  type SignalDevice,
  signalDevice,
  stanza,
} from '../whatsapp/keys/signal-device.ts'

let host: DeviceHost

beforeEach(async () => {
  host = await deviceHost()
})

afterEach(async () => {
  await host.writer.idle()
  await host.temporary.close()
})

let messages = 0

test('two hundred messages cross each way while one side goes to Go and back between them', async () => {
  const [anna, bert] = await acquainted()

  const heard: string[] = []
  for (let turn = 0; turn < 200; turn++) {
    const [from, to] = turn % 3 === 0 ? [anna, bert] : [bert, anna]
    heard.push(await deliver(from, to, `turn ${turn}`))
    if (turn % 10 === 0) await toGoAndBack(turn % 20 === 0 ? anna : bert, turn % 20 === 0 ? bert : anna)
  }

  expect(heard).toEqual(Array.from({ length: 200 }, (_, turn) => `turn ${turn}`))
})

test('a late message is read after its session came back, in any chain', async () => {
  const [anna, bert] = await acquainted()
  const late: Awaited<ReturnType<SignalDevice['encrypts']>>[] = []
  for (let round = 0; round < 4; round++) {
    late.push(await anna.encrypts(bert.lid, `late ${round}`))
    await deliver(anna, bert, 'in time')
    await deliver(bert, anna, 'answer')
    await toGoAndBack(bert, anna)
  }

  const heard: string[] = []
  for (const message of late)
    heard.push(await bert.receives(stanza({ id: `L${messages++}`, from: anna.lid }, message)))

  expect(heard).toEqual([0, 1, 2, 3].map((round) => `late ${round}`))
})

test('who has had no answer yet goes on sending first messages, and reads the first answer', async () => {
  const [anna, bert] = await strangers()
  await anna.meets(bert)
  const first = await anna.encrypts(bert.lid, 'first')
  await toGoAndBack(anna, bert)

  const second = await anna.encrypts(bert.lid, 'second')
  const heard = [
    await bert.receives(stanza({ id: 'A', from: anna.lid }, second)),
    await bert.receives(stanza({ id: 'B', from: anna.lid }, first)),
    await deliver(bert, anna, 'answer'),
  ]

  expect([first.type, second.type]).toEqual(['pkmsg', 'pkmsg'])
  expect(heard).toEqual(['second', 'first', 'answer'])
  expect((await anna.encrypts(bert.lid, 'third')).type).toBe('msg')
})

test('the first answer of another Go program counts from below zero and is read', async () => {
  const [anna, bert] = await strangers()
  await anna.meets(bert)
  await deliver(anna, bert, 'first')
  await toGoAndBack(anna, bert)
  await changeSession(bert, anna, (record) => {
    for (const session of Object.values(record._sessions))
      session.currentRatchet.previousCounter = 4_294_967_295
    return record
  })

  expect(await deliver(bert, anna, 'answer')).toBe('answer')
})

test('a first message that is delivered again is known as used', async () => {
  const [anna, bert] = await strangers()
  await anna.meets(bert)
  const first = await anna.encrypts(bert.lid, 'first')
  await bert.receives(stanza({ id: 'A', from: anna.lid }, first))
  await toGoAndBack(bert, anna)

  const again = bert.repository.decryptMessage({
    jid: anna.lid,
    type: 'pkmsg',
    ciphertext: Buffer.from(first.ciphertext),
  })

  await expect(again).rejects.toThrow('Key used already')
})

test('a message for an older session is read', async () => {
  const [anna, bert] = await acquainted()
  const late = await bert.encrypts(anna.lid, 'late')
  await anna.meets(bert)
  await deliver(anna, bert, 'anew')
  await toGoAndBack(anna, bert)

  expect(await anna.receives(stanza({ id: 'late', from: bert.lid }, late))).toBe('late')
  expect(await deliver(bert, anna, 'after')).toBe('after')
  expect(await deliver(anna, bert, 'and back')).toBe('and back')
})

/** One's session with the other in the form of Go's libsignal, and back in that of the library. */
function toGoAndBack(device: SignalDevice, peer: SignalDevice): Promise<void> {
  const { signedIdentityKey, registrationId } = device.auth.state.creds
  const identity = marked(signedIdentityKey.public)
  return changeSession(device, peer, (record) => {
    const row = sessionToGo(record, { identity, registrationId })
    return sessionFromGo(row, { ownIdentity: identity, now: Date.now() }).record
  })
}

async function changeSession(
  device: SignalDevice,
  peer: SignalDevice,
  change: (record: LibraryRecord) => LibraryRecord,
): Promise<void> {
  const address = device.repository.jidToSignalProtocolAddress(peer.lid)
  const { [address]: stored } = await device.keys.get('session', [address])
  // The library types sessions as bytes, and stores their plain form.
  const changed = change(structuredClone(stored) as unknown as LibraryRecord)
  await device.keys.set({ session: { [address]: changed as never } })
}

async function strangers(): Promise<[SignalDevice, SignalDevice]> {
  return [await signalDevice(host), await signalDevice(host)]
}

async function acquainted(): Promise<[SignalDevice, SignalDevice]> {
  const [anna, bert] = await strangers()
  await anna.meets(bert)
  await deliver(anna, bert, 'hello')
  await deliver(bert, anna, 'hello yourself')
  return [anna, bert]
}

async function deliver(from: SignalDevice, to: SignalDevice, text: string): Promise<string> {
  const message = await from.encrypts(to.lid, text)
  return to.receives(stanza({ id: `M${messages++}`, from: from.lid }, message))
}
