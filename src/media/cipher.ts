import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

/** The kinds of files a message can hold. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** The kinds of files that are encrypted: those, and the large picture of a card about a link. */
export type EncryptedKind = MediaKind | 'thumbnail-link'

/** What a message says about its file so that it can be checked and decrypted. */
export interface MediaSecrets {
  mediaKey: Uint8Array
  /** Hashes of the file and of its encrypted form. */
  fileSha256: Uint8Array
  fileEncSha256: Uint8Array
  fileLength: number
}

/** The bytes are not what the message promised; `message` says it in the words of the original's library. */
export class DamagedMediaError extends Error {
  override readonly name = 'DamagedMediaError'
}

/** Each kind has keys of its own; a sticker counts as an image. */
const KEY_NAMES: Record<EncryptedKind, string> = {
  image: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
  sticker: 'WhatsApp Image Keys',
  'thumbnail-link': 'WhatsApp Link Thumbnail Keys',
}

/** An encrypted file ends with so many bytes of its HMAC. */
const MAC_BYTES = 10

/** Encrypts a file as every WhatsApp client does: AES-256-CBC, then HMAC-SHA256 over IV and ciphertext. */
export async function encryptFile(from: string, to: string, kind: EncryptedKind): Promise<MediaSecrets> {
  const mediaKey = randomBytes(32)
  const { iv, cipherKey, macKey } = deriveKeys(mediaKey, kind)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey).update(iv)
  const plainHash = createHash('sha256')
  const encryptedHash = createHash('sha256')
  let fileLength = 0

  const target = await open(to, 'wx', 0o600)
  try {
    const write = async (encrypted: Buffer) => {
      encryptedHash.update(encrypted)
      await target.writeFile(encrypted)
    }
    for await (const piece of createReadStream(from, { highWaterMark: 256 * 1024 })) {
      fileLength += piece.length
      plainHash.update(piece)
      const encrypted = cipher.update(piece)
      mac.update(encrypted)
      await write(encrypted)
    }
    const last = cipher.final()
    mac.update(last)
    await write(last)
    await write(mac.digest().subarray(0, MAC_BYTES))
  } finally {
    await target.close()
  }
  return { mediaKey, fileSha256: plainHash.digest(), fileEncSha256: encryptedHash.digest(), fileLength }
}

/** Decrypts a file that arrives in pieces and checks everything its message says about it; empty hashes are not checked. */
export class MediaDecryption {
  readonly #expected: MediaSecrets
  readonly #decipher
  readonly #mac
  readonly #plainHash = createHash('sha256')
  readonly #encryptedHash = createHash('sha256')
  #held: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(expected: MediaSecrets, kind: MediaKind) {
    if (expected.mediaKey.length === 0) throw new DamagedMediaError('no media key present')
    const { iv, cipherKey, macKey } = deriveKeys(expected.mediaKey, kind)
    this.#expected = expected
    this.#decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
    this.#mac = createHmac('sha256', macKey).update(iv)
  }

  /** The plain bytes of the next piece. They must not be used before `end` has found them right. */
  write(piece: Buffer): Buffer {
    this.#encryptedHash.update(piece)
    const all = this.#held.length > 0 ? Buffer.concat([this.#held, piece]) : piece
    // The last bytes are the MAC, and which the last ones are shows at the end only.
    const end = Math.max(0, all.length - MAC_BYTES)
    this.#held = Buffer.from(all.subarray(end))
    this.#mac.update(all.subarray(0, end))
    return this.#plain(this.#decipher.update(all.subarray(0, end)))
  }

  /** The last plain bytes. Throws DamagedMediaError when anything is not as it was sent. */
  end(): Buffer {
    const { fileEncSha256, fileSha256, fileLength } = this.#expected
    if (this.#held.length < MAC_BYTES) throw new DamagedMediaError('file too short')
    if (differs(fileEncSha256, this.#encryptedHash.digest()))
      throw new DamagedMediaError("hash of media ciphertext doesn't match")
    if (differs(this.#held, this.#mac.digest().subarray(0, MAC_BYTES)))
      throw new DamagedMediaError('invalid media hmac')
    const last = this.#lastPlain()
    if (fileLength > 0 && fileLength !== this.#length)
      throw new DamagedMediaError(
        `file length does not match: expected ${fileLength} bytes, got ${this.#length}`,
      )
    if (differs(fileSha256, this.#plainHash.digest()))
      throw new DamagedMediaError("hash of media plaintext doesn't match")
    return last
  }

  #lastPlain(): Buffer {
    try {
      return this.#plain(this.#decipher.final())
    } catch (cause) {
      throw new DamagedMediaError('failed to decrypt file', { cause })
    }
  }

  #plain(bytes: Buffer): Buffer {
    this.#plainHash.update(bytes)
    this.#length += bytes.length
    return bytes
  }
}

function deriveKeys(mediaKey: Uint8Array, kind: EncryptedKind) {
  const expanded = Buffer.from(hkdfSync('sha256', mediaKey, new Uint8Array(), KEY_NAMES[kind], 112))
  return {
    iv: expanded.subarray(0, 16),
    cipherKey: expanded.subarray(16, 48),
    macKey: expanded.subarray(48, 80),
  }
}

/** Neither hash is a secret, so how long the comparison takes tells nobody anything. */
function differs(expected: Uint8Array, actual: Buffer): boolean {
  return expected.length > 0 && !actual.equals(expected)
}
