import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { keptSecret } from './kept-secret.ts'

/** Encryption of what must not be legible in the database, and look-up of what is encrypted. */
export interface Secrets {
  /** Encrypts a text; each call gives another result. An empty text stays empty. */
  seal(clear: string): string
  /** Undoes `seal`; throws SealError when the text was made with another key or altered. */
  open(sealed: string): string
  /** The same short text for the same input, useless without the key: lets a sealed column be searched. */
  blindIndex(clear: string): string
}

/** A sealed text cannot be opened: the encryption key is not the one it was made with, or the row was altered. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

const version = 'v1.'
const nonceBytes = 12
const tagBytes = 16

/**
 * The secrets of this installation: AES-256-GCM under a key derived from `encryptionKey`,
 * or from the key generated at the first start and kept in `dataDir/encryption-key`.
 */
export async function openSecrets(from: { dataDir: string; encryptionKey?: string }): Promise<Secrets> {
  const master =
    from.encryptionKey ??
    (await keptSecret(from.dataDir, 'encryption-key', () => randomBytes(32).toString('base64')))
  const sealKey = derivedKey(master, 'seal')
  const indexKey = derivedKey(master, 'blind index')

  return {
    seal(clear) {
      if (clear === '') return ''
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce)
      const body = Buffer.concat([nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return version + body.toString('base64')
    },
    open(sealed) {
      if (sealed === '') return ''
      const body = Buffer.from(sealed.slice(version.length), 'base64')
      if (!sealed.startsWith(version) || body.length < nonceBytes + tagBytes) {
        throw new SealError('this is not a sealed text')
      }
      const decipher = createDecipheriv('aes-256-gcm', sealKey, body.subarray(0, nonceBytes))
      decipher.setAuthTag(body.subarray(-tagBytes))
      try {
        const clear = decipher.update(body.subarray(nonceBytes, -tagBytes))
        return Buffer.concat([clear, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new SealError('the encryption key is not the one this was sealed with', { cause })
      }
    },
    blindIndex: (clear) => createHmac('sha256', indexKey).update(clear).digest('base64url'),
  }
}

function derivedKey(master: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, 'parley', purpose, 32))
}
