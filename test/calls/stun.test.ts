import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isNotForged,
  parseStun,
  STUN,
  writeAllocate,
  writeBindingSuccess,
  writePing,
  writeStreams,
} from '../../src/calls/stun.ts'
import { A, callId, relayKey } from './call-values.ts'

const id = Buffer.from('a0a1a2a3a4a5a6a7a8a9aaab', 'hex')
const allocate = writeAllocate(
  {
    token: Buffer.from('1020304050607080', 'hex'),
    relay: { address: '127.0.0.1', port: 3480 },
    streams: writeStreams(callId, A),
    key: relayKey,
  },
  id,
)

describe('STUN', () => {
  test('an Allocate, with the streams of a device', () => {
    expect(allocate.toString('hex')).toBe(
      '000300942112a442a0a1a2a3a4a5a6a7a8a9aaab4000000810203040506070804024005f0a0618fe84b3b1020a08100118' +
        'dab68688040a08100218e280a6a00d0a080801188182b1880c0a0a0801100118d6eeffd00e0a0a080110021883ebbcef03' +
        '0a07080218bfb4870b0a0a080210011886c6b997040a0a0802100218c8bdb4e804000016000800012c8a5e12a443000800' +
        '14671cb103f562cf78e213c6816b5e97ad96171f4b',
    )
  })

  test('its signature is found to be right with its key alone', () => {
    const parsed = parseStun(allocate)
    if (parsed === undefined) throw new Error('not read')

    expect(parsed).toMatchObject({ type: STUN.allocateRequest, id })
    expect(isNotForged(allocate, parsed, relayKey)).toBe(true)
    expect(isNotForged(allocate, parsed, 'another')).toBe(false)
  })

  test('a ping is a header and nothing else', () => {
    expect(writePing(id).toString('hex')).toBe('080100002112a442a0a1a2a3a4a5a6a7a8a9aaab')
  })

  test('the answer to a relay that asks whether we are there is signed and has a sum', () => {
    const answer = writeBindingSuccess(id, relayKey)
    const parsed = parseStun(answer)

    expect(parsed).toMatchObject({ type: STUN.bindingSuccess, id })
    expect([...(parsed?.attributes.keys() ?? [])]).toEqual([0x0008, 0x8028])
    expect(parsed && isNotForged(answer, parsed, relayKey)).toBe(true)
  })

  test('the code of an error', () => {
    const error = Buffer.from(`011300082112a442${id.toString('hex')}0009000400000433`, 'hex')

    expect(parseStun(error)?.errorCode).toBe(451)
  })

  test('a relay without an IPv4 address is none', () => {
    const relay = { address: '::1', port: 3480 }

    expect(() => writeAllocate({ token: id, relay, streams: id, key: relayKey }, id)).toThrow(RangeError)
  })

  test('whatever comes, reading it ends, and nothing beyond its end is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const packet = Buffer.concat([allocate.subarray(0, 20), bytes])
        const parsed = parseStun(packet)
        if (parsed !== undefined) isNotForged(packet, parsed, relayKey)
      }),
    )
  })
})
