import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** What is sealed with the secret of a message, by the names that go into the keys (whatsmeow 2026-08-21, WhatsApp Web). */
export type UseCase =
  | 'Poll Vote'
  | 'Poll Edit'
  | 'Poll Add Option'
  | 'Event Response'
  | 'Event Edit'
  | 'Message Edit'
  | 'Enc Reaction'
  | 'Enc Comment'

/** What a key is made from beside the secret. */
export interface SealContext {
  useCase: UseCase
  /** The id of the message whose secret it is. */
  id: string
  /** JID of the author of that message, without device. */
  author: string
  /** JID of who seals, without device, from the same address family as the author. */
  sender: string
}

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Only these are bound to message and sender once more, by the cipher itself. */
const BOUND = new Set<UseCase>(['Poll Vote', 'Event Response'])

/** Seals with AES-256-GCM under a key made from a message's secret; the tag stands behind the ciphertext. */
export function seal(
  plain: Uint8Array,
  secret: Uint8Array,
  context: SealContext,
): { encPayload: Buffer; encIv: Buffer } {
  const encIv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyFor(secret, context), encIv)
  cipher.setAAD(boundTo(context))
  const encPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { encPayload, encIv }
}

/** Opens what was sealed. @throws Error when the key, or a byte, is another one. */
export function open(
  { encPayload, encIv }: { encPayload: Uint8Array; encIv: Uint8Array },
  secret: Uint8Array,
  context: SealContext,
): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', keyFor(secret, context), encIv)
  decipher.setAAD(boundTo(context))
  decipher.setAuthTag(encPayload.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(encPayload.subarray(0, -TAG_BYTES)), decipher.final()])
}

function keyFor(secret: Uint8Array, { useCase, id, author, sender }: SealContext): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `${id}${author}${sender}${useCase}`, KEY_BYTES))
}

function boundTo({ useCase, id, sender }: SealContext): Buffer {
  return Buffer.from(BOUND.has(useCase) ? `${id}\0${sender}` : '')
}
