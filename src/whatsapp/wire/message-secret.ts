import { createDecipheriv, hkdfSync } from 'node:crypto'

/** What a sealed part of a message is bound to. JIDs are without device. */
export interface SealedUse {
  /** The message whose secret seals it. */
  id: string
  /** Who wrote that message. */
  author: string
  /** Who sealed this. */
  sender: string
  /** What it is, in WhatsApp's words: `Poll Vote`, `Message Edit`, ... */
  use: string
}

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** The only ones that are bound to message and sender twice (whatsmeow, `generateMsgSecretKey`). */
const AUTHENTICATED = new Set(['Poll Vote', 'Event Response'])

/** The key of one sealed part: HKDF-SHA256 of the secret of the message it belongs to. */
export function deriveSecretKey(secret: Uint8Array, { id, author, sender, use }: SealedUse): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `${id}${author}${sender}${use}`, KEY_BYTES))
}

/** Opens what was sealed with AES-256-GCM; throws when it was not sealed by these people for this use. */
export function openWithSecret(
  secret: Uint8Array,
  use: SealedUse,
  { payload, iv }: { payload: Uint8Array; iv: Uint8Array },
): Buffer {
  if (iv.length !== IV_BYTES || payload.length < TAG_BYTES) throw new Error('this is nothing sealed')
  const end = payload.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', deriveSecretKey(secret, use), iv)
  decipher.setAuthTag(payload.subarray(end))
  if (AUTHENTICATED.has(use.use)) decipher.setAAD(Buffer.from(`${use.id}\0${use.sender}`))
  return Buffer.concat([decipher.update(payload.subarray(0, end)), decipher.final()])
}
