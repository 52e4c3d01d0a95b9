import { describe, expect, test } from 'vitest'
import { writeAllocate, writeBindingSuccess } from '../../src/calls/stun.ts'
import {
  answer,
  BOUND,
  codeOfRefusal,
  isBound,
  NOT_ALLOCATED,
  type Question,
  readQuestion,
  tokenIn,
} from '../../src/sandbox/calls/relay-stun.ts'

const id = Buffer.from('a0a1a2a3a4a5a6a7a8a9aaab', 'hex')
const token = Buffer.from('1020304050607080', 'hex')
const relay = { address: '127.0.0.1', port: 3480 }
const allocate = writeAllocate({ token, relay, streams: Buffer.alloc(8), key: 'the key' }, id)

function read(packet: Buffer): Question {
  const question = readQuestion(packet)
  if (question === undefined) throw new Error('not read')
  return question
}

/** An Allocate with one more attribute in front of the others. */
function withAttribute(type: number): Buffer {
  const added = Buffer.alloc(8)
  added.writeUInt16BE(type)
  added.writeUInt16BE(4, 2)
  const longer = Buffer.concat([allocate.subarray(0, 20), added, allocate.subarray(20)])
  longer.writeUInt16BE(longer.length - 20, 2)
  return longer
}

describe('what a relay makes of an Allocate', () => {
  test('one that is signed with the key of its token is taken', () => {
    expect(tokenIn(read(allocate))).toEqual(token)
    expect(codeOfRefusal(allocate, read(allocate), 'the key')).toBeUndefined()
  })

  test('one that is signed otherwise is refused with 450, and so is an unknown token', () => {
    expect(codeOfRefusal(allocate, read(allocate), 'another')).toBe(450)
    expect(codeOfRefusal(allocate, read(allocate), undefined)).toBe(450)
  })

  test('one without a signature is refused with 451', () => {
    const unsigned = Buffer.from(allocate.subarray(0, allocate.length - 24))
    unsigned.writeUInt16BE(unsigned.length - 20, 2)

    expect(codeOfRefusal(unsigned, read(unsigned), 'the key')).toBe(451)
  })

  test.each([0x0006, 0x0024])('one with the attribute %i is refused with 456', (type) => {
    const packet = withAttribute(type)

    expect(codeOfRefusal(packet, read(packet), 'the key')).toBe(456)
  })

  test('an answer has the code and the id of its question', () => {
    expect(answer(NOT_ALLOCATED, id, 451).toString('hex')).toBe(
      `011300082112a442${id.toString('hex')}0009000400000433`,
    )
  })

  test('a client is there when its answer is signed and its sum is right', () => {
    const packet = writeBindingSuccess(id, 'the key')
    const changed = Buffer.from(packet)
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1)

    expect(read(packet)).toMatchObject({ type: BOUND, id })
    expect(isBound(packet, read(packet), 'the key')).toBe(true)
    expect(isBound(packet, read(packet), 'another')).toBe(false)
    expect(isBound(changed, read(changed), 'the key')).toBe(false)
  })
})
