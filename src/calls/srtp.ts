import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import type { CipherKeys } from './keys.ts'
import { ReplayWindow } from './replay-window.ts'
import {
  type ParsedRtpHeader,
  parseRtpHeader,
  type RtpHeader,
  withoutPadding,
  writeRtpHeader,
} from './rtp.ts'

/** Encryption of RTP: AES-128 in counter mode, HMAC-SHA1 cut off (RFC 3711). WhatsApp's tags have four bytes. */

/** Bytes of a tag where the service does not say anything else. */
const DEFAULT_TAG_BYTES = 4
/** More streams than these under one key are not looked at; a device has nine. */
const MAX_STREAMS = 16
/** Of an index, which counts packets, 48 bits go into the cipher. */
const MAX_INDEX = 2 ** 48

/** A packet that was what it claims to be. */
export interface OpenedPacket {
  header: ParsedRtpHeader
  payload: Buffer
}

/** Why a packet was dropped. */
export type Refusal = 'malformed' | 'replayed' | 'forged'

/** Encrypts the packets of one stream. */
export class SrtpSender {
  readonly #keys: CipherKeys
  readonly #tagBytes: number
  #nextIndex: number

  /** `firstSequence` is the number of the first packet. */
  constructor(keys: CipherKeys, { tagBytes = DEFAULT_TAG_BYTES, firstSequence = 1 } = {}) {
    this.#keys = keys
    this.#tagBytes = tagBytes
    this.#nextIndex = firstSequence
  }

  /**
   * Gives a payload its header, the next sequence number, and encrypts it. Numbers are handed out here and nowhere
   * else: the same one twice under one key would give away both payloads.
   */
  seal(header: Omit<RtpHeader, 'sequence'>, payload: Uint8Array, options?: { isSilence?: boolean }): Buffer {
    const index = this.#nextIndex
    if (index >= MAX_INDEX) throw new RangeError('the numbers of this key are used up')
    this.#nextIndex++
    const head = writeRtpHeader({ ...header, sequence: index & 0xffff }, options)
    const iv = cipherIv(this.#keys.salt, header.ssrc, index)
    const sealed = createCipheriv('aes-128-ctr', this.#keys.key, iv).update(payload)
    const packet = Buffer.concat([head, sealed])
    return Buffer.concat([packet, rtpTag(this.#keys, packet, rollovers(index), this.#tagBytes)])
  }
}

interface Stream {
  /** The highest index that was authenticated. */
  highest: number
  window: ReplayWindow
}

/** Decrypts whatever one device sends. */
export class SrtpReceiver {
  readonly #keys: CipherKeys
  readonly #tagBytes: number
  /** By SSRC; only those of which a packet was authenticated. */
  readonly #streams = new Map<number, Stream>()

  constructor(keys: CipherKeys, { tagBytes = DEFAULT_TAG_BYTES } = {}) {
    this.#keys = keys
    this.#tagBytes = tagBytes
  }

  /** Opens a packet. What it says moves nothing on before its tag was found to be right. */
  open(packet: Buffer): OpenedPacket | Refusal {
    const header = parseRtpHeader(packet)
    if (header === undefined || packet.length < header.headerBytes + this.#tagBytes) return 'malformed'
    const stream = this.#streams.get(header.ssrc)
    if (stream === undefined && this.#streams.size >= MAX_STREAMS) return 'malformed'
    const index = guessIndex(stream?.highest, header.sequence)
    if (index < 0 || stream?.window.has(index)) return 'replayed'
    const end = packet.length - this.#tagBytes
    const expected = rtpTag(this.#keys, packet.subarray(0, end), rollovers(index), this.#tagBytes)
    if (!timingSafeEqual(expected, packet.subarray(end))) return 'forged'
    this.#commit(header.ssrc, stream, index)
    const iv = cipherIv(this.#keys.salt, header.ssrc, index)
    const opened = createCipheriv('aes-128-ctr', this.#keys.key, iv).update(
      packet.subarray(header.headerBytes, end),
    )
    const payload = header.hasPadding ? withoutPadding(opened) : opened
    return payload === undefined ? 'malformed' : { header, payload }
  }

  #commit(ssrc: number, known: Stream | undefined, index: number): void {
    const stream = known ?? { highest: index, window: new ReplayWindow() }
    stream.window.add(index)
    stream.highest = Math.max(stream.highest, index)
    this.#streams.set(ssrc, stream)
  }
}

/**
 * The index a sequence number most probably stands for: the one nearest to the highest seen (RFC 3711 §3.3.1).
 * Negative for numbers from before the first turn.
 */
function guessIndex(highest: number | undefined, sequence: number): number {
  if (highest === undefined) return sequence
  const distance = ((sequence - (highest & 0xffff)) << 16) >> 16
  return highest + distance
}

function rollovers(index: number): number {
  return Math.floor(index / 0x10000)
}

/** The packet and how often its numbers have begun anew go into the tag (RFC 3711 §4.2). */
function rtpTag(keys: CipherKeys, packet: Buffer, turns: number, tagBytes: number): Buffer {
  const turnsBytes = Buffer.alloc(4)
  turnsBytes.writeUInt32BE(turns)
  return createHmac('sha1', keys.auth).update(packet).update(turnsBytes).digest().subarray(0, tagBytes)
}

/** The first block of the counter for a packet (RFC 3711 §4.1.1). */
export function cipherIv(salt: Buffer, ssrc: number, index: number): Buffer {
  const iv = Buffer.alloc(16)
  iv.writeUInt32BE(ssrc, 4)
  iv.writeUIntBE(index, 8, 6)
  for (let at = 0; at < salt.length; at++) iv.writeUInt8(iv.readUInt8(at) ^ salt.readUInt8(at), at)
  return iv
}
