import { expect, test } from 'vitest'
import { sessionFromGo } from '../../../src/transfer/signal/session-from-go.ts'
import {
  bytes,
  chain,
  messageKey,
  ownIdentity,
  publicKey,
  sending,
  session,
  state,
  theirIdentity,
} from './golden.ts'

const now = 1_800_000_000_000
const convert = (row: Buffer) => sessionFromGo(row, { ownIdentity, theirIdentity, now })
const used = (row: Buffer) => Object.values(convert(row).record._sessions)[0]

test('a state has every field where the library looks for it', () => {
  const receivers = `[${chain({ publicKey: publicKey(11), messages: `[${messageKey(1)}]` })}]`

  const { record, skippedKeys, statesLeft } = convert(session(state({ receivers })))

  expect({ skippedKeys, statesLeft }).toEqual({ skippedKeys: 1, statesLeft: 0 })
  expect(record).toEqual({
    version: 'v1',
    _sessions: {
      [publicKey(40)]: {
        registrationId: 4_000_000_000,
        currentRatchet: {
          ephemeralKeyPair: { pubKey: sending.publicKey, privKey: sending.privateKey },
          lastRemoteEphemeralKey: publicKey(11),
          previousCounter: 4,
          rootKey: bytes(50),
        },
        indexInfo: {
          baseKey: publicKey(40),
          baseKeyType: 2,
          closed: -1,
          used: now,
          created: now,
          remoteIdentityKey: publicKey(2),
        },
        _chains: {
          [publicKey(11)]: {
            chainKey: { counter: 2, key: bytes(20) },
            chainType: 2,
            messageKeys: {
              1: Buffer.concat([Buffer.alloc(32, 30), Buffer.alloc(32, 31), Buffer.alloc(16, 32)]).toString(
                'base64',
              ),
            },
          },
          [sending.publicKey]: {
            chainKey: { counter: 6, key: bytes(20) },
            chainType: 1,
            messageKeys: {},
          },
        },
      },
    },
  })
})

test.each([
  ['no key of one use', 'null', undefined],
  ['an empty one', '{"Value":0,"IsEmpty":true}', undefined],
  ['one', '{"Value":12,"IsEmpty":false}', 12],
])('a first message that waits for its answer and used %s goes on as such', (_which, preKeyId, expected) => {
  const pending = `{"PreKeyID":${preKeyId},"SignedPreKeyID":7,"BaseKey":"${publicKey(40)}"}`

  const converted = used(session(state({ pending })))

  expect(converted?.indexInfo.baseKeyType).toBe(1)
  expect(converted?.pendingPreKey).toEqual({
    signedKeyId: 7,
    baseKey: publicKey(40),
    ...(expected !== undefined && { preKeyId: expected }),
  })
})

test('lists that are null or missing are empty', () => {
  const sender = chain({ ...sending, messages: 'null' })
  const current = state({ receivers: 'null', sender }).replace('"PendingKeyExchange":null,', '')
  const row = Buffer.from(`{"SessionState":${current},"PreviousStates":null}`)

  expect(Object.keys(used(row)?._chains ?? {})).toEqual([sending.publicKey])
  expect(used(Buffer.from(`{"SessionState":${current}}`))).toBeDefined()
})

test('of five receiving chains the last goes on, in their order', () => {
  const keys = [11, 12, 13, 14, 15].map(publicKey)
  const receivers = `[${keys.map((key) => chain({ publicKey: key })).join(',')}]`

  const converted = used(session(state({ receivers })))

  expect(Object.keys(converted?._chains ?? {})).toEqual([...keys, sending.publicKey])
  expect(converted?.currentRatchet.lastRemoteEphemeralKey).toBe(publicKey(15))
})

test('before the first answer there is no chain to be closed by it', () => {
  const converted = used(session(state({ receivers: '[]' })))

  const last = converted?.currentRatchet.lastRemoteEphemeralKey ?? ''
  expect(Buffer.from(last, 'base64')).toHaveLength(33)
  expect(converted?._chains[last]).toBeUndefined()
})

test('a chain whose key is nothing but zeros is over', () => {
  const receivers = `[${chain({ publicKey: publicKey(11), key: bytes(0) })}]`

  expect(used(session(state({ receivers })))?._chains[publicKey(11)]?.chainKey).toEqual({ counter: 2 })
})

test('a chain that has not begun counts from -1', () => {
  const sender = chain({ ...sending, index: 0 })

  expect(used(session(state({ sender })))?._chains[sending.publicKey]?.chainKey.counter).toBe(-1)
})

test('older states are tried newest first, each once', () => {
  const previous = [41, 40, 42, 41].map((base) => state({ baseKey: publicKey(base) }))

  const { record } = convert(session(state(), previous))

  const order = Object.values(record._sessions).map(({ indexInfo }) => indexInfo)
  expect(order.map(({ baseKey }) => baseKey)).toEqual([40, 41, 42].map(publicKey))
  expect(order.map(({ closed }) => closed)).toEqual([-1, now - 1, now - 3])
  expect(order.map(({ used: at }) => at)).toEqual([now, now - 1, now - 3])
})

test('no more states than the library keeps', () => {
  const previous = Array.from({ length: 41 }, (_, age) => state({ baseKey: publicKey(100 + age) }))

  const { record } = convert(session(state(), previous))

  expect(Object.keys(record._sessions)).toHaveLength(40)
  expect(record._sessions[publicKey(138)]).toBeDefined()
})

test('an older state that is damaged, or of another identity of ours, is left out and counted', () => {
  const previous = [
    state({ baseKey: publicKey(41), version: 2 }),
    state({ baseKey: publicKey(42), localIdentity: publicKey(8) }),
    state({ baseKey: publicKey(43), remoteIdentity: publicKey(7) }),
  ]

  const { record, statesLeft } = convert(session(state(), previous))

  expect(statesLeft).toBe(2)
  expect(Object.keys(record._sessions)).toEqual([40, 43].map(publicKey))
})

test.each<[string, Buffer, string]>([
  ['protobuf', Buffer.from([0x0a, 0x05, 1, 2, 3, 4, 5]), 'not in the format'],
  ['nothing', Buffer.alloc(0), 'not in the format'],
  ['a part', session().subarray(0, 300), 'cut off'],
  ['no state', Buffer.from('{"SessionState":null,"PreviousStates":[]}'), 'SessionState is no object'],
  ['another identity of ours', session(state({ localIdentity: publicKey(8) })), 'another identity'],
  ['another identity of theirs', session(state({ remoteIdentity: publicKey(8) })), 'changed its identity'],
  ['another version', session(state({ version: 2 })), 'another version'],
  [
    'halves of two keys',
    session(state({ sender: chain({ ...sending, privateKey: bytes(10) }) })),
    'do not belong together',
  ],
  ['no half that is secret', session(state({ sender: chain({ publicKey: sending.publicKey }) })), '0 bytes'],
  ['a short key', session(state({ sender: chain({ ...sending, key: bytes(1, 31) }) })), 'wrong length'],
  ['no public key', session(state({ baseKey: bytes(5, 33).replace('BQ', 'BA') })), 'no public key'],
  ['a short base key', session(state({ baseKey: bytes(5, 32) })), '32 bytes, not 33'],
  ['no base64', session(state({ baseKey: '%%%' })), 'no base64'],
  ['a number as text', session(state({ registrationId: '"5"' })), 'no number of 32 bits'],
  ['a large number', session(state({ registrationId: 4_294_967_296 })), 'no number of 32 bits'],
  ['a list that is none', session(state({ receivers: '{}' })), 'no list'],
  ['a list without end', session(state(), Array(201).fill('{}')), 'more than 200'],
])('a row that holds %s is refused in words', (_what, row, words) => {
  expect(() => convert(row)).toThrow(words)
})

test('no refusal quotes what it read', () => {
  const row = Buffer.from(
    session()
      .toString()
      .replace('"SessionVersion":3', `"SessionVersion":${bytes(9)}`),
  )

  expect(messageOf(() => convert(row))).toBe('it is cut off or damaged')
})

function messageOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    return String(Object(error).message)
  }
}
