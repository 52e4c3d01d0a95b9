import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto'
import { Curve } from '../../whatsapp/library/engine.ts'

// Facts of this file: whatsmeow 2026-08-21 and WhatsApp Web's own modules of the same year, which agree.
const HANDOFF_INFO = 'shortcake-passkey-handoff-v1'
const PAIRING_INFO = 'Pairing Information Encryption Key'
/** Crockford's digits and letters, as WhatsApp has them: without 0, I, O and U. */
const CODE_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
const CODE_BYTES = 5
const CODE_DIGITS = 8
const BITS_OF_A_DIGIT = 5n
const GCM_TAG_BYTES = 16

/** What proves that the companion with the passkey is the one that was scanned: derived from the linking secret of then. */
export function handoffKey(advSecret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', advSecret, Buffer.alloc(0), HANDOFF_INFO, 32))
}

/** HMAC-SHA256 of the encoded `ProloguePayload`, 32 bytes. */
export function handoffProof(key: Uint8Array, prologue: Uint8Array): Buffer {
  return createHmac('sha256', key).update(prologue).digest()
}

/** What binds a companion to its ephemeral identity and its nonce before it knows the phone's. */
export function commitmentOf(ephemeralIdentity: Uint8Array, companionNonce: Uint8Array): Buffer {
  return createHash('sha256').update(ephemeralIdentity).update(companionNonce).digest()
}

/** The code both sides show, `XXXX-XXXX`, when each knows the other's nonce. */
export function pairingCode(options: {
  companionNonce: Uint8Array
  primaryKey: Uint8Array
  primaryNonce: Uint8Array
}): string {
  const digest = createHash('sha256').update(options.companionNonce).update(options.primaryKey).digest()
  const mixed = Buffer.alloc(CODE_BYTES)
  for (let at = 0; at < CODE_BYTES; at += 1) {
    mixed.writeUInt8(digest.readUInt8(at) ^ (options.primaryNonce[at] ?? 0), at)
  }
  let rest = BigInt(`0x${mixed.toString('hex')}`)
  let code = ''
  for (let digit = 0; digit < CODE_DIGITS; digit += 1) {
    code = `${CODE_ALPHABET[Number(rest & 31n)]}${code}`
    rest >>= BITS_OF_A_DIGIT
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** The key of the pairing request: 32 bytes. Throws when the other side's public key is of no use. */
export function pairingKey(options: {
  privateKey: Uint8Array
  publicKey: Uint8Array
  deviceType: number
  ref: string
}): Buffer {
  const shared = Buffer.from(Curve.sharedKey(options.privateKey, options.publicKey))
  if (shared.every((byte) => byte === 0)) throw new Error('the shared secret is zero')
  const salt = `Companion Pairing ${options.deviceType} with ref ${options.ref}`
  return Buffer.from(hkdfSync('sha256', shared, salt, PAIRING_INFO, 32))
}

/** Opens AES-256-GCM with the tag at the end and without further data. Throws when it was sealed otherwise. */
export function openBox(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Buffer {
  const tagAt = sealed.length - GCM_TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: GCM_TAG_BYTES })
  decipher.setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(0, tagAt)), decipher.final()])
}
