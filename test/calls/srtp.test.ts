import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveMediaKeys, deriveSsrc } from '../../src/calls/keys.ts'
import { AUDIO_PAYLOAD_TYPE, kindOfPacket, parseRtpHeader, writeRtpHeader } from '../../src/calls/rtp.ts'
import { type OpenedPacket, SrtpReceiver, SrtpSender } from '../../src/calls/srtp.ts'
import { A, B, callId, callKey } from './call-values.ts'

const payload = Buffer.from('58010203040506070809', 'hex')
const keys = deriveMediaKeys(callKey, A).rtp

function header(timestamp: number, jid = A) {
  return { payloadType: AUDIO_PAYLOAD_TYPE, isMarked: true, timestamp, ssrc: deriveSsrc(callId, jid, 0) }
}

/** So many packets, numbered from `firstSequence` on; each says in its payload which it is. */
function sealMany(count: number, firstSequence = 1): Buffer[] {
  const sender = new SrtpSender(keys, { firstSequence })
  return Array.from({ length: count }, (_, at) => sender.seal(header(at * 960), Buffer.from([at >> 8, at])))
}

function payloadOf(opened: OpenedPacket | string): number | string {
  return typeof opened === 'string' ? opened : opened.payload.readUInt16BE()
}

describe('encrypted audio', () => {
  test.each([
    [A, '90f80001000003c0262cc27edebe000026913c094f85fb56c8a1454be01c'],
    [B, '90f80001000003c081020aaadebe0000869aa0d6415df7736c44c878aaba'],
  ])('the first packet of %s', (jid, expected) => {
    const packet = new SrtpSender(deriveMediaKeys(callKey, jid).rtp).seal(header(960, jid), payload)

    expect(packet.toString('hex')).toBe(expected)
    expect(new SrtpReceiver(deriveMediaKeys(callKey, jid).rtp).open(packet)).toMatchObject({ payload })
  })

  test('numbers go on when they have reached their end, in any order of arrival', () => {
    const packets = sealMany(200, 65_500)
    const receiver = new SrtpReceiver(keys)
    const swapped = packets.flatMap((_, at) => (at % 2 === 0 ? [packets[at + 1], packets[at]] : []))

    const opened = swapped.map((packet) => payloadOf(receiver.open(packet ?? Buffer.alloc(0))))

    expect(opened.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 200 }, (_, at) => at),
    )
    expect(parseRtpHeader(packets[36] ?? Buffer.alloc(0))?.sequence).toBe(0)
  })

  test('a packet that was here is dropped, and so is one that is older than is remembered', () => {
    const packets = sealMany(100)
    const receiver = new SrtpReceiver(keys)
    for (const packet of packets.slice(1)) receiver.open(packet)

    expect(receiver.open(packets[99] ?? Buffer.alloc(0))).toBe('replayed')
    expect(receiver.open(packets[40] ?? Buffer.alloc(0))).toBe('replayed')
    expect(receiver.open(packets[0] ?? Buffer.alloc(0))).toBe('replayed')
  })

  test('a forged number does not move the count of turns, so that the next packet is still heard', () => {
    const [first, second] = sealMany(2, 65_534)
    const receiver = new SrtpReceiver(keys)
    const forged = Buffer.from(second ?? '')
    forged.writeUInt16BE(20_000, 2)

    expect(payloadOf(receiver.open(first ?? Buffer.alloc(0)))).toBe(0)
    expect(receiver.open(forged)).toBe('forged')
    expect(payloadOf(receiver.open(second ?? Buffer.alloc(0)))).toBe(1)
  })

  test('no bit of a packet can be changed', () => {
    const packet = new SrtpSender(keys).seal(header(0), payload)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: packet.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(packet)
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        expect(new SrtpReceiver(keys).open(changed)).toBeTypeOf('string')
      }),
    )
  })

  test('nothing that is no packet is taken for one', () => {
    const receiver = new SrtpReceiver(keys)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(receiver.open(Buffer.from(bytes))).toBeTypeOf('string')
      }),
    )
  })

  test('a tag may be longer', () => {
    const packet = new SrtpSender(keys, { tagBytes: 10 }).seal(header(0), payload)

    expect(packet).toHaveLength(16 + 10 + 10)
    expect(new SrtpReceiver(keys, { tagBytes: 10 }).open(packet)).toMatchObject({ payload })
    expect(new SrtpReceiver(keys).open(packet)).toBe('forged')
  })

  test('silence is marked in the header', () => {
    const ssrc = deriveSsrc(callId, A, 0)
    const bytes = writeRtpHeader(
      { payloadType: 120, isMarked: false, sequence: 2, timestamp: 960, ssrc },
      { isSilence: true },
    )

    expect(bytes.toString('hex')).toBe('90780002000003c0262cc27edebe000130010000')
    expect(parseRtpHeader(bytes)).toMatchObject({ headerBytes: 20, sequence: 2, isMarked: false })
  })

  test.each([
    ['0001', 'stun'],
    ['0802', 'stun'],
    ['90f8', 'rtp'],
    ['9078', 'rtp'],
    ['81c8', 'rtcp'],
    ['80c9', 'rtcp'],
    ['c080', 'unknown'],
    ['80', 'unknown'],
  ])('what begins with %s is %s', (start, kind) => {
    expect(kindOfPacket(Buffer.from(start, 'hex'))).toBe(kind)
  })
})
