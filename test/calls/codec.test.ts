import { afterEach, describe, expect, test } from 'vitest'
import {
  type CodecName,
  fromEscaped,
  isSilentPacket,
  openDecoder,
  openEncoder,
  SILENCE,
  toEscaped,
} from '../../src/calls/codec.ts'
import { amplitudeOf, joinFrames, toneFrame } from './tones.ts'

const open: { free(): void }[] = []

afterEach(() => {
  for (const part of open.splice(0)) part.free()
})

async function openBoth(codec: CodecName) {
  const both = { encoder: await openEncoder(codec), decoder: await openDecoder(codec) }
  open.push(both.encoder, both.decoder)
  return both
}

describe('Opus', () => {
  test('a tone comes out as it went in, in packets of 60 ms of wide-band speech', async () => {
    const { encoder, decoder } = await openBoth('opus')
    const packets = Array.from({ length: 20 }, (_, at) => Buffer.from(encoder.encode(toneFrame(440, at))))

    const heard = joinFrames(packets.map((packet) => decoder.decode(packet) ?? new Int16Array(0)))

    expect(packets.every((packet) => packet[0] === 0x58)).toBe(true)
    expect(heard).toHaveLength(20 * 960)
    expect(amplitudeOf(heard.subarray(4800), 440)).toBeGreaterThan(7_000)
    expect(amplitudeOf(heard.subarray(4800), 1_000)).toBeLessThan(100)
  })

  test('silence is left out when it may be', async () => {
    const { encoder } = await openBoth('opus')
    const before = Array.from({ length: 10 }, () => encoder.encode(SILENCE))

    encoder.suppressSilence()
    const after = Array.from({ length: 10 }, () => encoder.encode(SILENCE))

    expect(before.some(isSilentPacket)).toBe(false)
    expect(after.some(isSilentPacket)).toBe(true)
  })

  test('a tone is not silence, although it never changes', async () => {
    const { encoder } = await openBoth('opus')
    encoder.suppressSilence()

    const packets = Array.from({ length: 60 }, (_, at) => encoder.encode(toneFrame(1_000, at)))

    expect(packets.filter(isSilentPacket)).toEqual([])
  })

  test('a frame that is missing sounds like the one before', async () => {
    const { encoder, decoder } = await openBoth('opus')
    for (let at = 0; at < 10; at++) decoder.decode(Buffer.from(encoder.encode(toneFrame(440, at))))

    expect(amplitudeOf(decoder.conceal(), 440)).toBeGreaterThan(1_000)
  })

  test.each([
    ['nothing', ''],
    ['what is corrupt', 'ffffff'],
    ['what is too long', '58'.repeat(1_501)],
  ])('%s is not understood', async (_what, hex) => {
    const { decoder } = await openBoth('opus')

    expect(decoder.decode(Buffer.from(hex, 'hex'))).toBeUndefined()
  })
})

describe('MLow', () => {
  test('a peer that speaks it hears Opus behind its escape', async () => {
    const { encoder, decoder } = await openBoth('mlow')
    const packets = Array.from({ length: 20 }, (_, at) => Buffer.from(encoder.encode(toneFrame(440, at))))

    const heard = joinFrames(packets.map((packet) => decoder.decode(packet) ?? new Int16Array(0)))

    expect(packets[0]?.toString('hex', 0, 2)).toBe('dd03')
    expect(amplitudeOf(heard.subarray(4800), 440)).toBeGreaterThan(7_000)
  })

  test('what it says itself is not understood', async () => {
    const { decoder } = await openBoth('mlow')

    expect(decoder.decode(Buffer.from('4a112233', 'hex'))).toBeUndefined()
  })

  test('silence is one byte', async () => {
    const { encoder } = await openBoth('mlow')
    encoder.suppressSilence()

    expect(Buffer.from(encoder.encode(SILENCE)).toString('hex')).toBe('90')
  })

  test.each([
    // Config 23 (wide band, 20 ms): one frame, two alike, two that differ, three; config 16 in stereo.
    ['b8aa', 'dcaa', 'b8aa'],
    ['b9aabb', 'dd02aabb', 'bb02aabb'],
    ['ba01aabb', 'dd8201aabb', 'bb8201aabb'],
    ['bb03aabbcc', 'dd03aabbcc', 'bb03aabbcc'],
    ['84aa', 'c2aa', '84aa'],
  ])('%s goes as %s and comes back as %s', (opus, escaped, back) => {
    const bytes = Buffer.from(toEscaped(Buffer.from(opus, 'hex')))

    expect(bytes.toString('hex')).toBe(escaped)
    expect(fromEscaped(bytes)?.toString('hex')).toBe(back)
  })

  test('speech modes of Opus cannot go behind the escape', () => {
    expect(() => toEscaped(Buffer.from('58aa', 'hex'))).toThrow(RangeError)
  })
})
