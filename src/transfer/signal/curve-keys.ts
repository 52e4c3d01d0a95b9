import { Curve } from '../../whatsapp/library/engine.ts'
import { UnreadableRow } from './go-json.ts'

/** What multiplied by a private key is the public one: the number 9 (RFC 7748, section 4.1). */
const BASE_POINT = Buffer.from('09'.padEnd(64, '0'), 'hex')
/** Signal's mark of this kind of public key. */
const CURVE_25519 = 0x05

export const PRIVATE_BYTES = 32
/** With the mark. */
export const PUBLIC_BYTES = 33

/** The 32 bytes of the public key that belongs to a private one of 32 bytes. */
export function publicKeyOf(privateKey: Uint8Array): Buffer {
  return Curve.sharedKey(privateKey, BASE_POINT)
}

/** A public key of 32 bytes with Signal's mark before it. */
export function marked(publicKey: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(CURVE_25519), publicKey])
}

/** Throws UnreadableRow unless these are a public key with its mark. */
export function checkPublic(publicKey: Uint8Array, name: string): void {
  if (publicKey.length !== PUBLIC_BYTES || publicKey[0] !== CURVE_25519)
    throw new UnreadableRow(`${name} is no public key`)
}

/** Throws UnreadableRow unless a public key with its mark belongs to a private one. */
export function checkPair(publicKey: Uint8Array, privateKey: Uint8Array, name: string): void {
  checkPublic(publicKey, name)
  if (!marked(publicKeyOf(privateKey)).equals(publicKey))
    throw new UnreadableRow(`the two halves of ${name} do not belong together`)
}
