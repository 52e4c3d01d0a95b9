import { createCipheriv, hkdfSync } from 'node:crypto'

/**
 * The keys of a call. Every device that takes part has a pair of its own, derived from the call key, which the offer
 * carries encrypted, and from the device's JID.
 */

/** What one direction of SRTP or SRTCP works with (RFC 3711 §4.3). */
export interface CipherKeys {
  /** AES-128 key, 16 bytes. */
  key: Buffer
  /** 14 bytes. */
  salt: Buffer
  /** HMAC-SHA1 key, 20 bytes. */
  auth: Buffer
}

/** What one device sends with. */
export interface MediaKeys {
  rtp: CipherKeys
  rtcp: CipherKeys
}

/** Length of the key every call has. */
const CALL_KEY_BYTES = 32
const MASTER_KEY_BYTES = 16
const MASTER_SALT_BYTES = 14
const AUTH_KEY_BYTES = 20

/** Labels of the key derivation of RFC 3711 §4.3.1 and §4.3.2. */
const LABELS = { rtp: { key: 0, auth: 1, salt: 2 }, rtcp: { key: 3, auth: 4, salt: 5 } }

/** Which stream of a device an SSRC is for: audio, what repairs it, and the same for two pictures. */
export type SsrcSlot = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** Every slot there is; the first is the audio. */
export const SSRC_SLOTS: readonly SsrcSlot[] = [0, 1, 2, 3, 4, 5, 6, 7, 8]

/**
 * The form of a device's JID that keys and SSRCs are derived from: `user@lid` is device 0. Anything else stays as it
 * is. A wrong form means silence, as both ends derive from it.
 */
export function deviceJidForKeys(jid: string): string {
  return /^[^:@]+@lid$/.test(jid) ? jid.replace('@', ':0@') : jid
}

/** The keys with which the device `jid` sends; `callKey` has 32 bytes. @throws RangeError for any other length. */
export function deriveMediaKeys(callKey: Uint8Array, jid: string): MediaKeys {
  if (callKey.length !== CALL_KEY_BYTES) throw new RangeError(`a call key has ${CALL_KEY_BYTES} bytes`)
  const master = expand(callKey, '', deviceJidForKeys(jid), MASTER_KEY_BYTES + MASTER_SALT_BYTES + 16)
  const masterKey = master.subarray(0, MASTER_KEY_BYTES)
  const masterSalt = master.subarray(MASTER_KEY_BYTES, MASTER_KEY_BYTES + MASTER_SALT_BYTES)
  const derive = (label: number, length: number) => deriveSessionKey({ masterKey, masterSalt, label, length })
  const keysOf = (labels: { key: number; auth: number; salt: number }): CipherKeys => ({
    key: derive(labels.key, MASTER_KEY_BYTES),
    auth: derive(labels.auth, AUTH_KEY_BYTES),
    salt: derive(labels.salt, MASTER_SALT_BYTES),
  })
  return { rtp: keysOf(LABELS.rtp), rtcp: keysOf(LABELS.rtcp) }
}

/** The SSRC of a stream of the device `jid`. `callId` counts as text, byte for byte, so its case matters. */
export function deriveSsrc(callId: string, jid: string, slot: SsrcSlot): number {
  const salt = Buffer.alloc(4)
  salt.writeUInt32LE(slot)
  return expand(Buffer.from(callId), salt, deviceJidForKeys(jid), 4).readUInt32LE()
}

function expand(secret: Uint8Array, salt: Uint8Array | string, context: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, context, length))
}

/** AES in counter mode as a generator of keys, with a derivation rate of zero (RFC 3711 §4.3.3). */
function deriveSessionKey(from: {
  masterKey: Buffer
  masterSalt: Buffer
  label: number
  length: number
}): Buffer {
  const iv = Buffer.concat([from.masterSalt, Buffer.alloc(2)])
  // The label stands before a 48-bit index, which is zero.
  iv.writeUInt8(iv.readUInt8(7) ^ from.label, 7)
  return createCipheriv('aes-128-ctr', from.masterKey, iv).update(Buffer.alloc(from.length))
}
