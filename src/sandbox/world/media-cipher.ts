import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { getMediaKeys, type MediaType } from '../../whatsapp/library/engine.ts'

/** Kinds of files with keys of their own; the library does not know packs of stickers (whatsmeow 2026-08-21). */
export type FileKind = MediaType | 'sticker-pack'

/** An encrypted file and what its message says about it. */
export interface EncryptedMedia {
  /** What the media host stores: the ciphertext followed by ten bytes of its HMAC. */
  encrypted: Buffer
  mediaKey: Buffer
  fileSha256: Buffer
  fileEncSha256: Buffer
  fileLength: number
}

const MAC_BYTES = 10

/** Encrypts a file the way every WhatsApp client does: AES-256-CBC and HMAC-SHA256 under keys derived from a random media key. */
export async function encryptMedia(bytes: Buffer, type: FileKind): Promise<EncryptedMedia> {
  const mediaKey = randomBytes(32)
  const { iv, cipherKey, macKey } = await keysFor(mediaKey, type)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
  const mac = createHmac('sha256', macKey).update(iv).update(ciphertext).digest().subarray(0, MAC_BYTES)
  const encrypted = Buffer.concat([ciphertext, mac])
  return {
    encrypted,
    mediaKey,
    fileSha256: createHash('sha256').update(bytes).digest(),
    fileEncSha256: createHash('sha256').update(encrypted).digest(),
    fileLength: bytes.length,
  }
}

/** The file inside an encrypted one. Throws when its HMAC does not fit the key. */
export async function decryptMedia(encrypted: Buffer, mediaKey: Uint8Array, type: FileKind): Promise<Buffer> {
  const { iv, cipherKey, macKey } = await keysFor(mediaKey, type)
  const ciphertext = encrypted.subarray(0, -MAC_BYTES)
  const mac = createHmac('sha256', macKey).update(iv).update(ciphertext).digest().subarray(0, MAC_BYTES)
  if (!mac.equals(encrypted.subarray(-MAC_BYTES))) throw new Error('the media does not fit its key')
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()])
}

async function keysFor(mediaKey: Uint8Array, type: FileKind) {
  if (type === 'sticker-pack') return stickerPackKeys(mediaKey)
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, type)
  if (!macKey) throw new Error('the library derived no MAC key')
  return { iv, cipherKey, macKey }
}

function stickerPackKeys(mediaKey: Uint8Array) {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, '', 'WhatsApp Sticker Pack Keys', 112))
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) }
}
