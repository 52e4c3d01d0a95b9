import { hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { LibraryRecord, LibrarySession } from '../../../src/transfer/signal/library-session.ts'
import { sessionFromGo } from '../../../src/transfer/signal/session-from-go.ts'
import { sessionToGo } from '../../../src/transfer/signal/session-to-go.ts'
import { bytes, chain, messageKey, ownIdentity, publicKey, sending, session, state } from './golden.ts'

const own = { identity: ownIdentity, registrationId: 3_000_000_000 }
const now = 1_800_000_000_000

function library(row = session()): { record: LibraryRecord; used: LibrarySession } {
  const { record } = sessionFromGo(row, { ownIdentity, now })
  const [used] = Object.values(record._sessions)
  if (!used) throw new Error('no session')
  return { record, used }
}

/** What Go would find in the state it uses. */
function current(record: LibraryRecord) {
  return JSON.parse(sessionToGo(record, own).toString()).SessionState
}

test('what came from Go goes back byte for byte', () => {
  const keys = [11, 12, 13, 14, 15].map((key) =>
    chain({ publicKey: publicKey(key), messages: `[${messageKey(1)},${messageKey(2)}]` }),
  )
  const pending = `{"PreKeyID":{"Value":12,"IsEmpty":false},"SignedPreKeyID":7,"BaseKey":"${publicKey(41)}"}`
  const previous = [
    state({ baseKey: publicKey(41), pending }),
    state({ baseKey: publicKey(42), pending: pending.replace('12,"IsEmpty":false', '0,"IsEmpty":true') }),
    state({ baseKey: publicKey(43), previousCounter: 4_294_967_295, receivers: '[]' }),
  ]
  const row = session(state({ receivers: `[${keys.join(',')}]` }), previous)

  expect(sessionToGo(library(row).record, own).toString()).toBe(row.toString())
})

test('the key of a message that is missing is derived from its seed', () => {
  const { record, used } = library()
  const seed = Buffer.alloc(32, 77)
  Object.assign(used._chains[publicKey(11)]?.messageKeys ?? {}, { 1: seed.toString('base64') })

  const [message] = current(record).ReceiverChains[0].MessageKeys

  const derived = Buffer.from(hkdfSync('sha256', seed, new Uint8Array(), 'WhisperMessageKeys', 80))
  expect(message).toEqual({
    CipherKey: derived.subarray(0, 32).toString('base64'),
    MacKey: derived.subarray(32, 64).toString('base64'),
    IV: derived.subarray(64).toString('base64'),
    Index: 1,
  })
})

test('a chain that is over gets a key that nobody can know', () => {
  const { record, used } = library()
  delete used._chains[publicKey(11)]?.chainKey.key

  const keyOf = () => Buffer.from(current(record).ReceiverChains[0].ChainKey.Key, 'base64')
  const [one, other] = [keyOf(), keyOf()]

  expect(one).toHaveLength(32)
  expect(one.equals(other)).toBe(false)
})

test('five receiving chains stay, the one that goes on last', () => {
  const { record, used } = library()
  const other = used._chains[publicKey(11)]
  for (const key of [12, 13, 14, 15, 16]) if (other) used._chains[publicKey(key)] = other
  used.currentRatchet.lastRemoteEphemeralKey = publicKey(12)

  const chains: { SenderRatchetKeyPublic: string }[] = current(record).ReceiverChains

  expect(chains.map((one) => one.SenderRatchetKeyPublic)).toEqual([13, 14, 15, 16, 12].map(publicKey))
})

test('two thousand missing messages stay, the newest', () => {
  const { record, used } = library()
  const messageKeys = Object.fromEntries(Array.from({ length: 2_050 }, (_, index) => [index, bytes(77)]))
  Object.assign(used._chains[publicKey(11)] ?? {}, {
    messageKeys,
    chainKey: { counter: 2_050, key: bytes(20) },
  })

  const [{ ChainKey, MessageKeys }] = current(record).ReceiverChains

  expect(MessageKeys).toHaveLength(2_000)
  expect([MessageKeys[0].Index, MessageKeys.at(-1).Index, ChainKey.Index]).toEqual([50, 2_049, 2_051])
})

test('a previous counter below zero is one that Go can read', () => {
  const { record, used } = library()
  used.currentRatchet.previousCounter = -1

  expect(current(record).PreviousCounter).toBe(4_294_967_295)
})

test('without a session that is used the one closed last is', () => {
  const { record } = library(session(state(), [state({ baseKey: publicKey(41) })]))
  for (const { indexInfo } of Object.values(record._sessions))
    if (indexInfo.closed === -1) indexInfo.closed = now - 1_000

  const row = JSON.parse(sessionToGo(record, own).toString())

  expect(row.SessionState.SenderBaseKey).toBe(publicKey(41))
  expect(row.PreviousStates.map((one: { SenderBaseKey: string }) => one.SenderBaseKey)).toEqual([
    publicKey(40),
  ])
})

test.each<[string, (used: LibrarySession) => void, string]>([
  [
    'no sending chain',
    (used) => Reflect.deleteProperty(used._chains, sending.publicKey),
    'never been answered',
  ],
  [
    'a short root key',
    (used) => Object.assign(used.currentRatchet, { rootKey: bytes(1, 31) }),
    'wrong length',
  ],
  ['no registration', (used) => Reflect.deleteProperty(used, 'registrationId'), 'none of 32 bits'],
  ['no identity', (used) => Object.assign(used.indexInfo, { remoteIdentityKey: '' }), 'no public key'],
])('a session with %s is refused in words', (_what, spoil, words) => {
  const { record, used } = library()
  spoil(used)

  expect(() => sessionToGo(record, own)).toThrow(words)
})

test('a record without a session is refused', () => {
  expect(() => sessionToGo({ _sessions: {}, version: 'v1' }, own)).toThrow('holds no session')
})
