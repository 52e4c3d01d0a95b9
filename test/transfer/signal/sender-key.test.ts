import { describe, expect, test } from 'vitest'
import { freshestSenderKey, senderKeyFromGo, senderKeyToGo } from '../../../src/transfer/signal/sender-key.ts'
import { BufferJSON } from '../../../src/whatsapp/library/engine.ts'
import { bytes, publicKey, senderKey, senderState, sending } from './golden.ts'

const read = (value: Uint8Array) => JSON.parse(Buffer.from(value).toString(), BufferJSON.reviver)
const convert = (row: Buffer, isOwn = false) => read(senderKeyFromGo(row, { isOwn }))

const key = (iteration: number) =>
  `{"Iteration":${iteration},"IV":"${bytes(70, 16)}","CipherKey":"${bytes(71)}","Seed":"${bytes(72)}"}`
const signing = { privateKey: `"${sending.privateKey}"`, publicKey: sending.publicKey }

test('a state has every field where the library looks for it', () => {
  expect(convert(senderKey(senderState({ keys: `[${key(2)}]` })))).toEqual([
    {
      senderKeyId: 4_000_000_001,
      senderChainKey: { iteration: 5, seed: Buffer.alloc(32, 60) },
      senderSigningKey: { public: Buffer.from(publicKey(61), 'base64'), private: Buffer.alloc(0) },
      senderMessageKeys: [{ iteration: 2, seed: Buffer.alloc(32, 72) }],
    },
  ])
})

test('the state that Go has first is the one the library has last', () => {
  const row = senderKey(...[3, 2, 1].map((id) => senderState({ id })))

  expect(convert(row).map((one: { senderKeyId: number }) => one.senderKeyId)).toEqual([1, 2, 3])
})

test.each([
  ['null', 'null'],
  ['zeros', `"${bytes(0)}"`],
  ['nothing', '""'],
])('%s in the place of a private key is none', (_what, privateKey) => {
  const [state] = convert(senderKey(senderState({ privateKey, keys: 'null' })))

  expect(state.senderSigningKey.private).toEqual(Buffer.alloc(0))
  expect(state.senderMessageKeys).toEqual([])
})

test('a key of our own keeps its private half and no keys of messages', () => {
  const [state] = convert(senderKey(senderState({ ...signing, keys: `[${key(2)}]` })), true)

  expect(state.senderSigningKey.private).toEqual(Buffer.alloc(32, 9))
  expect(state.senderMessageKeys).toEqual([])
})

test.each<[string, Buffer, boolean, string]>([
  ['our own without its private half', senderKey(senderState()), true, 'half that signs'],
  [
    'halves of two keys',
    senderKey(senderState({ privateKey: signing.privateKey })),
    false,
    'belong together',
  ],
  ['no state', senderKey(), false, 'holds no key'],
  ['six states', senderKey(...Array(6).fill(senderState())), false, 'more than 5'],
  ['protobuf', Buffer.from([0x0a, 1, 2]), false, 'not in the format'],
  ['a number below zero', senderKey(senderState({ iteration: -1 })), false, 'no number of 32 bits'],
])('%s is refused in words', (_what, row, isOwn, words) => {
  expect(() => senderKeyFromGo(row, { isOwn })).toThrow(words)
})

describe('on the way back', () => {
  test('a key has the bytes it came with', () => {
    // As Go derived it.
    const derived =
      '{"Iteration":1,"IV":"Efdipuyk1wcj+AHmOdwhnQ==","CipherKey":"znHrTWzJaXUDbW+prmbFByVBYfwU2DaH3ubq7syQ1iA=","Seed":"0FmP5fviVVrKXy5faq6kcx3CjRQHo7CF6O867Ok2+Ns="}'
    const row = senderKey(senderState({ id: 2, keys: `[${derived}]` }), senderState({ ...signing, id: 1 }))

    expect(senderKeyToGo(senderKeyFromGo(row, { isOwn: false })).toString()).toBe(row.toString())
  })

  test('the library itself writes bytes as lists of numbers', () => {
    const states = read(senderKeyFromGo(senderKey(senderState()), { isOwn: false }))
    // As `Buffer` does it.
    const plain = Buffer.from(JSON.stringify(states))

    expect(senderKeyToGo(plain).toString()).toBe(senderKey(senderState()).toString())
  })

  test('of two rows of one key the further one counts, of two keys the first', () => {
    const [near, far] = [5, 9].map((iteration) => senderKey(senderState({ iteration }))) as [Buffer, Buffer]
    const another = senderKey(senderState({ id: 7, iteration: 90 }))

    expect(freshestSenderKey([near, far])).toBe(far)
    expect(freshestSenderKey([far, near])).toBe(far)
    expect(freshestSenderKey([near, another])).toBe(near)
  })
})
