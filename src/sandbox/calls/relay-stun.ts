import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * What a relay reads and writes of STUN. It has nothing in common with the client's own code, so that a mistake there
 * does not agree with itself.
 */
export interface Question {
  type: number
  id: Buffer
  attributes: { type: number; value: Buffer; at: number }[]
}

export const ALLOCATE = 0x0003
export const ALLOCATED = 0x0103
export const NOT_ALLOCATED = 0x0113
const BINDING = 0x0001
export const BOUND = 0x0101
export const PING = 0x0801
export const PONG = 0x0802

const COOKIE = Buffer.from('2112a442', 'hex')
const USERNAME = 0x0006
const PRIORITY = 0x0024
const MESSAGE_INTEGRITY = 0x0008
const ERROR_CODE = 0x0009
const FINGERPRINT = 0x8028
const TOKEN = 0x4000

/** Reads a message; undefined for what is none. */
export function readQuestion(packet: Buffer): Question | undefined {
  if (packet.length < 20 || !packet.subarray(4, 8).equals(COOKIE)) return undefined
  if (packet.length !== 20 + packet.readUInt16BE(2)) return undefined
  const attributes: Question['attributes'] = []
  let at = 20
  while (at < packet.length) {
    const length = packet.readUInt16BE(at + 2)
    const value = packet.subarray(at + 4, at + 4 + length)
    if (value.length !== length) return undefined
    attributes.push({ type: packet.readUInt16BE(at), value, at })
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return { type: packet.readUInt16BE(0), id: packet.subarray(8, 20), attributes }
}

/** The token of an Allocate. */
export function tokenIn({ attributes }: Question): Buffer | undefined {
  return attributes.find(({ type }) => type === TOKEN)?.value
}

/**
 * The code an Allocate is refused with, or undefined: 456 for attributes relays do not know, 451 without a signature,
 * 450 for one that is wrong, which one made for an unknown token always is.
 */
export function codeOfRefusal(
  packet: Buffer,
  question: Question,
  key: string | undefined,
): number | undefined {
  if (question.attributes.some(({ type }) => type === USERNAME || type === PRIORITY)) return 456
  const signature = question.attributes.find(({ type }) => type === MESSAGE_INTEGRITY)
  if (signature === undefined) return 451
  return key !== undefined && isSignedWith(packet, signature, key) ? undefined : 450
}

/** Whether an answer to a Binding request is signed, and has the right sum at its end. */
export function isBound(packet: Buffer, question: Question, key: string): boolean {
  const signature = question.attributes.find(({ type }) => type === MESSAGE_INTEGRITY)
  const sum = question.attributes.at(-1)
  if (signature === undefined || sum?.type !== FINGERPRINT || sum.value.length !== 4) return false
  const expected = (crc32(packet.subarray(0, sum.at)) ^ 0x5354554e) >>> 0
  return sum.value.readUInt32BE() === expected && isSignedWith(packet, signature, key)
}

/** An answer without attributes, or with the code of an error. */
export function answer(type: number, id: Buffer, code?: number): Buffer {
  const error = code === undefined ? Buffer.alloc(0) : Buffer.from([0, 0, Math.floor(code / 100), code % 100])
  return compose(type, id, error.length === 0 ? error : Buffer.concat([head(ERROR_CODE, 4), error]))
}

/** Asks a client whether it is there. */
export function askWhetherThere(): { id: Buffer; packet: Buffer } {
  const id = randomBytes(12)
  return { id, packet: compose(BINDING, id, Buffer.alloc(0)) }
}

function compose(type: number, id: Buffer, body: Buffer): Buffer {
  return Buffer.concat([head(type, body.length), COOKIE, id, body])
}

function head(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16BE(type)
  bytes.writeUInt16BE(length, 2)
  return bytes
}

function isSignedWith(packet: Buffer, signature: Question['attributes'][number], key: string): boolean {
  const signed = Buffer.from(packet.subarray(0, signature.at))
  signed.writeUInt16BE(signature.at - 20 + 24, 2)
  const expected = createHmac('sha1', Buffer.from(key, 'utf8')).update(signed).digest()
  return signature.value.length === expected.length && timingSafeEqual(signature.value, expected)
}
