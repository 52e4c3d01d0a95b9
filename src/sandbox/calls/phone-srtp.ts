import { createCipheriv, createHmac, hkdfSync } from 'node:crypto'

/**
 * What a simulated phone knows of the encryption of sound. It has nothing in common with the client's own code, so that a
 * mistake there does not agree with itself: keys, numbers, headers and tags are made anew from RFC 3711 and RFC 3550.
 */
export interface PhoneKeys {
  key: Buffer
  salt: Buffer
  auth: Buffer
}

/** A packet that was opened, or why it was not. */
export type Opened = { index: number; payload: Buffer } | 'no-rtp' | 'bad-tag'

const TAG_BYTES = 4
const AUDIO = 120

/** The keys a device sends with: from the call key and its JID, in which a phone is device 0. */
export function phoneKeys(callKey: Uint8Array, deviceJid: string): PhoneKeys {
  const okm = Buffer.from(hkdfSync('sha256', callKey, Buffer.alloc(0), withZero(deviceJid), 46))
  const [masterKey, masterSalt] = [okm.subarray(0, 16), okm.subarray(16, 30)]
  const derive = (label: number, length: number) => {
    const block = Buffer.alloc(16)
    masterSalt.copy(block)
    block[7] = (block[7] ?? 0) ^ label
    return createCipheriv('aes-128-ctr', masterKey, block).update(Buffer.alloc(length))
  }
  return { key: derive(0, 16), auth: derive(1, 20), salt: derive(2, 14) }
}

/** The number of a device's sound in a call. */
export function phoneSsrc(callId: string, deviceJid: string): number {
  const salt = Buffer.from([0, 0, 0, 0])
  return Buffer.from(
    hkdfSync('sha256', Buffer.from(callId, 'latin1'), salt, withZero(deviceJid), 4),
  ).readUInt32LE()
}

/** The list of streams for a relay: the sound alone, as protobuf. */
export function phoneStreams(ssrc: number): Buffer {
  const digits: number[] = []
  for (let rest = ssrc; rest > 0; rest = Math.floor(rest / 128)) digits.push(rest % 128)
  const varint = digits.map((digit, at) => (at === digits.length - 1 ? digit : digit + 128))
  return Buffer.from([0x0a, varint.length + 1, 0x18, ...varint])
}

/** Seals one frame; `index` counts packets from 1. */
export function sealFrame(
  keys: PhoneKeys,
  { ssrc, index, payload, isFirst }: { ssrc: number; index: number; payload: Uint8Array; isFirst: boolean },
): Buffer {
  const head = Buffer.alloc(16)
  head[0] = 0x90
  head[1] = AUDIO | (isFirst ? 0x80 : 0)
  head.writeUInt16BE(index % 65_536, 2)
  head.writeUInt32BE(((index - 1) * 960) % 2 ** 32, 4)
  head.writeUInt32BE(ssrc, 8)
  head.writeUInt16BE(0xdebe, 12)
  const packet = Buffer.concat([head, cipher(keys, ssrc, index).update(payload)])
  return Buffer.concat([packet, tagOf(keys, packet, index)])
}

/** Opens a packet of a device; `highest` is the highest index that was opened. */
export function openPacket(keys: PhoneKeys, packet: Buffer, highest: number): Opened {
  const [first = 0, second = 0] = packet
  if (packet.length < 20 || first >> 6 !== 2 || (second & 127) !== AUDIO) return 'no-rtp'
  const extension = (first & 16) === 0 ? 0 : 4 + packet.readUInt16BE(14) * 4
  const start = 12 + (first & 15) * 4 + extension
  const end = packet.length - TAG_BYTES
  if (start > end) return 'no-rtp'
  const index = nearest(packet.readUInt16BE(2), highest)
  if (!tagOf(keys, packet.subarray(0, end), index).equals(packet.subarray(end))) return 'bad-tag'
  const ssrc = packet.readUInt32BE(8)
  return { index, payload: cipher(keys, ssrc, index).update(packet.subarray(start, end)) }
}

function withZero(jid: string): string {
  return jid.includes(':') ? jid : jid.replace('@', ':0@')
}

function nearest(sequence: number, highest: number): number {
  const turn = highest - (highest % 65_536)
  const candidates = [turn - 65_536, turn, turn + 65_536].map((base) => base + sequence)
  const distance = (index: number) => Math.abs(index - highest)
  return candidates.reduce(
    (best, one) => (one >= 0 && distance(one) < distance(best) ? one : best),
    turn + sequence,
  )
}

function cipher({ key, salt }: PhoneKeys, ssrc: number, index: number) {
  const counter = Buffer.alloc(16)
  salt.copy(counter)
  const number = Buffer.alloc(16)
  number.writeUInt32BE(ssrc, 4)
  number.writeUIntBE(index, 8, 6)
  return createCipheriv('aes-128-ctr', key, Buffer.from(counter.map((byte, at) => byte ^ (number[at] ?? 0))))
}

function tagOf({ auth }: PhoneKeys, packet: Buffer, index: number): Buffer {
  const turns = Buffer.alloc(4)
  turns.writeUInt32BE(Math.floor(index / 65_536))
  return createHmac('sha1', auth).update(packet).update(turns).digest().subarray(0, TAG_BYTES)
}
