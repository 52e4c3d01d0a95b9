import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { crc32 } from 'node:zlib'
import { deriveSsrc, type SsrcSlot } from './keys.ts'

/** STUN (RFC 5389) as WhatsApp's relays use it: their own messages and attributes, and no user name. */

export const STUN = {
  bindingRequest: 0x0001,
  bindingSuccess: 0x0101,
  allocateRequest: 0x0003,
  allocateSuccess: 0x0103,
  allocateError: 0x0113,
  ping: 0x0801,
  pong: 0x0802,
} as const

const MAGIC = 0x2112a442
const HEADER_BYTES = 20
const ID_BYTES = 12
const ATTRIBUTE = {
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  relayAddress: 0x0016,
  fingerprint: 0x8028,
  token: 0x4000,
  streams: 0x4024,
}
const INTEGRITY_BYTES = 20
const FINGERPRINT_XOR = 0x5354554e
const MAX_ATTRIBUTES = 32

/** Stream, kind and SSRC slot of what a client announces: audio, picture, second picture; media, repair, repetition. */
const STREAMS: readonly { stream: number; kind: number; slot: SsrcSlot }[] = [
  { stream: 0, kind: 0, slot: 0 },
  { stream: 0, kind: 1, slot: 1 },
  { stream: 0, kind: 2, slot: 4 },
  { stream: 1, kind: 0, slot: 2 },
  { stream: 1, kind: 1, slot: 3 },
  { stream: 1, kind: 2, slot: 5 },
  { stream: 2, kind: 0, slot: 7 },
  { stream: 2, kind: 1, slot: 8 },
  { stream: 2, kind: 2, slot: 6 },
]

/** A message, as far as it is of use here. */
export interface StunMessage {
  type: number
  /** 12 bytes: what an answer has in common with its question. */
  id: Buffer
  attributes: Map<number, Buffer>
  /** The code of an error, for example 451. */
  errorCode?: number
}

/** What an Allocate is made of. */
export interface Allocation {
  token: Uint8Array
  /** Where it goes to. */
  relay: { address: string; port: number }
  streams: Buffer
  /** The relay key as the text it came as: its bytes are the key. */
  key: string
}

export function newTransactionId(): Buffer {
  return randomBytes(ID_BYTES)
}

/** The list of streams of the device `jid` for an Allocate: protobuf, zeros left out. */
export function writeStreams(callId: string, jid: string): Buffer {
  const entries = STREAMS.map(({ stream, kind, slot }) => {
    const ssrc = deriveSsrc(callId, jid, slot)
    return [stream, kind, ssrc].flatMap((value, at) =>
      value === 0 ? [] : [((at + 1) << 3) | 0, ...varint(value)],
    )
  })
  return Buffer.from(entries.flatMap((entry) => [0x0a, entry.length, ...entry]))
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 0x80)) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest % 0x80) | 0x80)
  }
}

/** Asks a relay for a place in the call. The same message, with a new id, keeps it. */
export function writeAllocate({ token, relay, streams, key }: Allocation, id: Buffer): Buffer {
  const attributes = [
    attribute(ATTRIBUTE.token, token),
    attribute(ATTRIBUTE.streams, streams),
    attribute(ATTRIBUTE.relayAddress, xorAddress(relay)),
  ]
  return signed(STUN.allocateRequest, id, attributes, key)
}

/** Asks a relay whether it is there. */
export function writePing(id: Buffer): Buffer {
  return message(STUN.ping, id, [])
}

/** Answers a relay that asks whether we are there. */
export function writeBindingSuccess(id: Buffer, key: string): Buffer {
  const packet = signed(STUN.bindingSuccess, id, [], key)
  const whole = withLength(packet, packet.length - HEADER_BYTES + 8)
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(whole) ^ FINGERPRINT_XOR) >>> 0)
  return Buffer.concat([whole, attribute(ATTRIBUTE.fingerprint, fingerprint)])
}

/** Reads a message; undefined for what is none. */
export function parseStun(packet: Buffer): StunMessage | undefined {
  if (packet.length < HEADER_BYTES || packet.readUInt32BE(4) !== MAGIC) return undefined
  const end = HEADER_BYTES + packet.readUInt16BE(2)
  if (end > packet.length) return undefined
  const attributes = new Map<number, Buffer>()
  for (let at = HEADER_BYTES; at + 4 <= end && attributes.size < MAX_ATTRIBUTES; ) {
    const length = packet.readUInt16BE(at + 2)
    if (at + 4 + length > end) return undefined
    attributes.set(packet.readUInt16BE(at), packet.subarray(at + 4, at + 4 + length))
    at += 4 + Math.ceil(length / 4) * 4
  }
  const error = attributes.get(ATTRIBUTE.errorCode)
  return {
    type: packet.readUInt16BE(0),
    id: packet.subarray(8, HEADER_BYTES),
    attributes,
    errorCode: error && error.length >= 4 ? (error.readUInt8(2) & 7) * 100 + error.readUInt8(3) : undefined,
  }
}

/** Whether a message bears no signature, or one that is made with the key: relays sign some of theirs. */
export function isNotForged(packet: Buffer, { attributes }: StunMessage, key: string): boolean {
  const given = attributes.get(ATTRIBUTE.messageIntegrity)
  if (given === undefined) return true
  const before = given.byteOffset - packet.byteOffset - 4
  const expected = integrity(packet.subarray(0, before), key)
  return given.length === INTEGRITY_BYTES && timingSafeEqual(given, expected)
}

function signed(type: number, id: Buffer, attributes: Buffer[], key: string): Buffer {
  const unsigned = message(type, id, attributes)
  const mac = attribute(ATTRIBUTE.messageIntegrity, integrity(unsigned, key))
  return Buffer.concat([withLength(unsigned, unsigned.length - HEADER_BYTES + mac.length), mac])
}

/** The signature of everything in front of it; the length counts the signature itself (RFC 5389 §15.4). */
function integrity(packet: Buffer, key: string): Buffer {
  const length = packet.length - HEADER_BYTES + 4 + INTEGRITY_BYTES
  return createHmac('sha1', key).update(withLength(packet, length)).digest()
}

function message(type: number, id: Buffer, attributes: Buffer[]): Buffer {
  const body = Buffer.concat(attributes)
  const header = Buffer.alloc(8)
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(body.length, 2)
  header.writeUInt32BE(MAGIC, 4)
  return Buffer.concat([header, id, body])
}

function withLength(packet: Buffer, length: number): Buffer {
  const copy = Buffer.from(packet)
  copy.writeUInt16BE(length, 2)
  return copy
}

function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  bytes.set(value, 4)
  return bytes
}

/** An IPv4 address and port, mixed with the magic number (RFC 5389 §15.2). */
function xorAddress({ address, port }: { address: string; port: number }): Buffer {
  if (!isIPv4(address)) throw new RangeError('relays are reached by IPv4')
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(1, 1)
  bytes.writeUInt16BE(port ^ (MAGIC >>> 16), 2)
  const value = Buffer.from(address.split('.').map(Number)).readUInt32BE()
  bytes.writeUInt32BE((value ^ MAGIC) >>> 0, 4)
  return bytes
}
