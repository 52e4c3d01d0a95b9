/** Headers of RTP (RFC 3550 §5.1) as WhatsApp writes them. */

/** What a packet says about itself. */
export interface RtpHeader {
  payloadType: number
  /** First packet of speech after silence. */
  isMarked: boolean
  /** 16 bits. */
  sequence: number
  /** Samples of 16 000 per second, 32 bits. */
  timestamp: number
  ssrc: number
}

/** A header, and where its payload begins. */
export interface ParsedRtpHeader extends RtpHeader {
  /** Bytes of the header, contributors and extension included. */
  headerBytes: number
  hasPadding: boolean
}

/** The payload type of call audio, whatever the codec. */
export const AUDIO_PAYLOAD_TYPE = 120
/** Samples in a packet: 60 ms at 16 000 per second. */
export const FRAME_SAMPLES = 960

const FIXED_BYTES = 12
const VERSION = 0x80
const EXTENDED = 0x10
const PADDED = 0x20
const MARKED = 0x80
/** Profile of the extension that every packet has, mostly empty. */
const EXTENSION_PROFILE = 0xdebe
/** The one word of that extension in packets of silence. */
const SILENCE_WORD = 0x30010000

/** Writes a header with the extension WhatsApp expects: empty, or the mark of silence. */
export function writeRtpHeader(header: RtpHeader, { isSilence = false } = {}): Buffer {
  const bytes = Buffer.alloc(FIXED_BYTES + (isSilence ? 8 : 4))
  bytes.writeUInt8(VERSION | EXTENDED, 0)
  bytes.writeUInt8((header.isMarked ? MARKED : 0) | header.payloadType, 1)
  bytes.writeUInt16BE(header.sequence, 2)
  bytes.writeUInt32BE(header.timestamp, 4)
  bytes.writeUInt32BE(header.ssrc, 8)
  bytes.writeUInt16BE(EXTENSION_PROFILE, FIXED_BYTES)
  bytes.writeUInt16BE(isSilence ? 1 : 0, FIXED_BYTES + 2)
  if (isSilence) bytes.writeUInt32BE(SILENCE_WORD, FIXED_BYTES + 4)
  return bytes
}

/** Reads the header of a packet; undefined for what is no RTP or shorter than it says. */
export function parseRtpHeader(packet: Buffer): ParsedRtpHeader | undefined {
  if (packet.length < FIXED_BYTES) return undefined
  const first = packet.readUInt8(0)
  if ((first & 0xc0) !== VERSION) return undefined
  let headerBytes = FIXED_BYTES + (first & 0x0f) * 4
  if ((first & EXTENDED) !== 0) {
    if (packet.length < headerBytes + 4) return undefined
    headerBytes += 4 + packet.readUInt16BE(headerBytes + 2) * 4
  }
  if (packet.length < headerBytes) return undefined
  const second = packet.readUInt8(1)
  return {
    payloadType: second & 0x7f,
    isMarked: (second & MARKED) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    headerBytes,
    hasPadding: (first & PADDED) !== 0,
  }
}

/** A decrypted payload without its padding, whose last byte says how long it is; undefined when that is impossible. */
export function withoutPadding(payload: Buffer): Buffer | undefined {
  const length = payload.at(-1) ?? 0
  return length > 0 && length <= payload.length ? payload.subarray(0, payload.length - length) : undefined
}

/** What a message of a relay is, by its first two bytes (RFC 5761 §4, RFC 7983 §7). */
export function kindOfPacket(packet: Buffer): 'stun' | 'rtp' | 'rtcp' | 'unknown' {
  if (packet.length < 2) return 'unknown'
  const first = packet.readUInt8(0)
  if ((first & 0xc0) === 0) return 'stun'
  const second = packet.readUInt8(1)
  if (second >= 192 && second <= 223) return 'rtcp'
  return (first & 0xc0) === VERSION ? 'rtp' : 'unknown'
}

/** `later - earlier` of two 16-bit sequence numbers, between -32 768 and 32 767. */
export function sequenceDistance(earlier: number, later: number): number {
  return ((later - earlier) << 16) >> 16
}
