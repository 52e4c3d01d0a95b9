import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { randomBytes } from '../random.ts'
import { persistedSecret, readPersistedSecret } from './persisted-secret.ts'

/** Encryption of what must not be legible in the database, and look-up of what is encrypted. */
export interface Secrets {
  /** Encrypts a text; each call gives another result. An empty text stays empty. */
  encrypt(clear: string): string
  /** Undoes `encrypt`, also for a previous key; throws DecryptionError when the key is unknown or the text was altered. */
  decrypt(encrypted: string): string
  /** The same short text for the same input, useless without the key: lets an encrypted column be searched. */
  blindIndex(clear: string): string
  /** A secret that every node with this encryption key has, another one for each purpose. */
  shared(purpose: string): string
  /** What every text encrypted with the current key begins with. */
  readonly currentPrefix: string
  /** Whether there are previous keys, so that stored texts may have to be encrypted anew. */
  readonly isRotating: boolean
}

/** An encrypted text cannot be opened: none of the encryption keys is the one it was made with, or it was altered. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
}

/** Texts of this version name their key, `v2.<key id>.<base64>`. */
const VERSION = 'v2'
/** Texts from before keys had ids, `v1.<base64>`: every key has to be tried. */
const WITHOUT_KEY_ID = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What is derived from one encryption key. */
interface Key {
  /** Eight hex digits, which tell keys apart and nothing about them. */
  id: string
  cipherKey: Buffer
}

/** Where the encryption keys come from. */
export interface KeySource {
  dataDir: string
  encryptionKey?: string
  encryptionKeyPrevious?: readonly string[]
}

const KEY_FILE = 'encryption-key'

/**
 * The secrets of this installation: AES-256-GCM under a key derived from `encryptionKey`,
 * or from the key generated at the first start and kept in `dataDir/encryption-key`.
 * What was encrypted with one of `encryptionKeyPrevious` can still be opened.
 */
export async function openSecrets(from: KeySource): Promise<Secrets> {
  const master =
    from.encryptionKey ??
    (await persistedSecret(from.dataDir, KEY_FILE, () => randomBytes(32).toString('base64')))
  return secretsOf(master, from.encryptionKeyPrevious)
}

/** What opens encrypted texts without a key being generated; undefined where there is none, not even a previous one. */
export async function readDecrypter(from: KeySource): Promise<Pick<Secrets, 'decrypt'> | undefined> {
  const { encryptionKeyPrevious = [] } = from
  const current = from.encryptionKey ?? (await readPersistedSecret(from.dataDir, KEY_FILE))
  const [master] = [current ?? [], encryptionKeyPrevious].flat()
  return master === undefined ? undefined : secretsOf(master, encryptionKeyPrevious)
}

function secretsOf(master: string, former: readonly string[] = []): Secrets {
  const current = keyOf(master)
  const previous = former.filter((key) => key !== master).map(keyOf)
  const keys = [current, ...previous]
  const indexKey = derivedKey(master, 'blind index')
  const currentPrefix = `${VERSION}.${current.id}.`

  return {
    currentPrefix,
    isRotating: previous.length > 0,
    encrypt(clear) {
      if (clear === '') return ''
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current.cipherKey, nonce)
      const body = Buffer.concat([nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return currentPrefix + body.toString('base64')
    },
    decrypt(encrypted) {
      if (encrypted === '') return ''
      const { candidates, body } = parsed(encrypted, keys)
      for (const key of candidates) {
        const clear = decrypted(body, key)
        if (clear !== undefined) return clear
      }
      throw new DecryptionError('the encryption key is not the one this was encrypted with')
    },
    blindIndex: (clear) => createHmac('sha256', indexKey).update(clear).digest('base64url'),
    shared: (purpose) => derivedKey(master, `shared: ${purpose}`).toString('base64url'),
  }
}

/** The bytes of an encrypted text, and the keys it may have been made with. */
function parsed(encrypted: string, keys: Key[]): { candidates: Key[]; body: Buffer } {
  const parts = encrypted.split('.')
  const [version, id] = parts
  const known =
    (version === VERSION && parts.length === 3) || (version === WITHOUT_KEY_ID && parts.length === 2)
  const body = Buffer.from(parts.at(-1) ?? '', 'base64')
  if (!known || body.length < NONCE_BYTES + TAG_BYTES)
    throw new DecryptionError('this is not an encrypted text')
  return { body, candidates: version === VERSION ? keys.filter((key) => key.id === id) : keys }
}

/** Undefined when the bytes are not of this key, or were altered. */
function decrypted(body: Buffer, { cipherKey }: Key): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', cipherKey, body.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(body.subarray(-TAG_BYTES))
  const clear = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([clear, decipher.final()]).toString('utf8')
  } catch {
    // The only failure of the last step is a tag that does not match.
    return undefined
  }
}

function keyOf(master: string): Key {
  return { id: derivedKey(master, 'key id').toString('hex', 0, 4), cipherKey: derivedKey(master, 'seal') }
}

function derivedKey(master: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, 'parley', purpose, 32))
}
