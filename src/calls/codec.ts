import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm'
import { FRAME_SAMPLES } from './rtp.ts'

/**
 * How audio is put into packets. Ours is Opus. A peer may insist on MLow, a codec of WhatsApp's own: such a peer hears
 * Opus behind MLow's escape, but what it says itself is MLow, which nothing here understands. A decoder of MLow would be
 * another implementation of `FrameDecoder`.
 */
export type CodecName = 'opus' | 'mlow'

/** Samples per second of everything here: one channel, signed, 16 bits. */
export const SAMPLE_RATE = 16_000

/** Makes packets of frames of 960 samples. */
export interface FrameEncoder {
  encode(frame: Int16Array): Uint8Array
  /** Whether silence may be left out; packets of it have one byte. */
  suppressSilence(): void
  free(): void
}

/** Makes samples of packets. */
export interface FrameDecoder {
  /** Undefined for what this codec does not understand. */
  decode(packet: Buffer): Int16Array | undefined
  /** A frame in the place of one that is missing, guessed from what came before. */
  conceal(): Int16Array
  free(): void
}

/** The largest packet that is looked at; one of 60 ms has about 180 bytes. */
const MAX_PACKET_BYTES = 1500
const BITS_PER_SECOND = 24_000
const COMPLEXITY = 5
/** Of Opus: up to 120 ms. */
const MAX_SAMPLES = 1920
/** Opus knows packets of this size only for silence (RFC 6716 §2.1.9). */
const SILENCE_BYTES = 2

/** MLow: the two bits of a first byte behind which there is Opus, in its CELT modes only. */
const ESCAPE = 0xc0
const MLOW_SILENCE = 0x90
const FIRST_CELT_CONFIG = 16
/** A frame of silence; nobody may write into it. */
export const SILENCE: Int16Array = new Int16Array(FRAME_SAMPLES)

/** Whether a packet holds nothing but silence. */
export function isSilentPacket(packet: Uint8Array): boolean {
  return packet.length <= SILENCE_BYTES
}

/** Opens the encoder for what a peer with this codec understands. */
export async function openEncoder(codec: CodecName): Promise<FrameEncoder> {
  const { Application, createEncoder } = await import('libopus-wasm')
  const encoder = await createEncoder({
    channels: 1,
    sampleRate: SAMPLE_RATE,
    frameSize: FRAME_SAMPLES,
    bitrate: BITS_PER_SECOND,
    complexity: COMPLEXITY,
    application: codec === 'opus' ? Application.Voip : Application.RestrictedLowDelay,
  })
  return codec === 'opus' ? opusEncoder(encoder) : escapingEncoder(encoder)
}

/** Opens the decoder for what a peer with this codec sends. */
export async function openDecoder(codec: CodecName): Promise<FrameDecoder> {
  const { createDecoder } = await import('libopus-wasm')
  const decoder = await createDecoder({ channels: 1, sampleRate: SAMPLE_RATE, maxFrameSize: MAX_SAMPLES })
  return {
    decode(packet) {
      const opus = codec === 'opus' ? packet : fromEscaped(packet)
      return opus === undefined ? undefined : decodeOpus(decoder, opus)
    },
    conceal: () => decoder.decodePacketLoss(FRAME_SAMPLES),
    free: () => decoder.free(),
  }
}

/**
 * Silence is left out where there is nothing at all. What else the library would take for it may be a tone that somebody
 * plays, which it leaves out after a second.
 */
function opusEncoder(encoder: OpusEncoderHandle): FrameEncoder {
  let maySuppress = false
  let isSuppressing = false
  return {
    encode(frame) {
      const isEmpty = maySuppress && isSilentFrame(frame)
      if (isEmpty !== isSuppressing) encoder.setDtx(isEmpty)
      isSuppressing = isEmpty
      return encoder.encode(frame)
    },
    suppressSilence() {
      maySuppress = true
    },
    free: () => encoder.free(),
  }
}

function isSilentFrame(frame: Int16Array): boolean {
  return frame.every((sample) => sample === 0)
}

function escapingEncoder(encoder: OpusEncoderHandle): FrameEncoder {
  let leavesOut = false
  return {
    encode(frame) {
      if (leavesOut && isSilentFrame(frame)) return Uint8Array.of(MLOW_SILENCE)
      return toEscaped(encoder.encode(frame))
    },
    suppressSilence() {
      leavesOut = true
    },
    free: () => encoder.free(),
  }
}

function decodeOpus(decoder: OpusDecoderHandle, packet: Buffer): Int16Array | undefined {
  if (packet.length === 0 || packet.length > MAX_PACKET_BYTES) return undefined
  try {
    return decoder.decode(packet)
  } catch {
    // The only failures are those of the packet: it is corrupt, or longer than any call has them.
    return undefined
  }
}

/**
 * Writes the first byte of a CELT packet (RFC 6716 §3.1) as MLow's escape, which has one bit for "more than one frame"
 * in the place of two for how many there are: their number always follows.
 */
export function toEscaped(packet: Uint8Array): Uint8Array {
  const [first = 0] = packet
  const [config, stereo, code] = [first >> 3, (first >> 2) & 1, first & 3]
  if (config < FIRST_CELT_CONFIG) throw new RangeError('only CELT goes behind the escape')
  const start = ESCAPE | ((config - FIRST_CELT_CONFIG) << 2) | (stereo << 1) | (code === 0 ? 0 : 1)
  // Two frames of one length, or of two: as a count with and without the bit for lengths that differ.
  const count = { 1: [2], 2: [0x82] }[code] ?? []
  return Uint8Array.of(start, ...count, ...packet.subarray(1))
}

/** The Opus packet behind MLow's escape; undefined for what has none. */
export function fromEscaped(packet: Buffer): Buffer | undefined {
  const [first = 0] = packet
  if ((first & ESCAPE) !== ESCAPE) return undefined
  const config = FIRST_CELT_CONFIG + ((first >> 2) & 0x0f)
  const opus = Buffer.from(packet)
  opus.writeUInt8((config << 3) | (((first >> 1) & 1) << 2) | ((first & 1) === 0 ? 0 : 3), 0)
  return opus
}
