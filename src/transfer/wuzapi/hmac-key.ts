import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHERS: Record<number, 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'> = {
  16: 'aes-128-gcm',
  24: 'aes-192-gcm',
  32: 'aes-256-gcm',
}

/** Throws InstallationError for a text that cannot be the key of a wuzapi: its bytes are the key, as they are. */
export function checkSourceKey(key: string): void {
  const length = Buffer.byteLength(key)
  if (!CIPHERS[length])
    throw new InstallationError(
      `the encryption key has ${length} bytes; it is WUZAPI_GLOBAL_ENCRYPTION_KEY as it stands there: 16, 24 or 32`,
    )
}

/** The signing key of a user in plain; undefined when `key` does not open it. Nonce, ciphertext and tag, in this order. */
export function openHmacKey(stored: Uint8Array, key: string): string | undefined {
  const bytes = Buffer.from(stored)
  const cipher = CIPHERS[Buffer.byteLength(key)]
  if (!cipher || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  try {
    const opener = createDecipheriv(cipher, Buffer.from(key), bytes.subarray(0, NONCE_BYTES))
    opener.setAuthTag(bytes.subarray(-TAG_BYTES))
    const plain = [opener.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), opener.final()]
    return Buffer.concat(plain).toString()
  } catch {
    return undefined
  }
}

/** Throws InstallationError when a key does not open what a wuzapi has sealed already. */
export async function checkTargetKey(db: Queryable, key: string): Promise<void> {
  if (!(await db.schema.hasColumn('users', 'hmac_key'))) return
  const rows: { hmac_key: unknown }[] = await db('users').whereNotNull('hmac_key').select('hmac_key')
  const sealed = rows.flatMap(({ hmac_key: stored }) =>
    stored instanceof Uint8Array && stored.length > 0 ? [stored] : [],
  )
  if (sealed.some((stored) => openHmacKey(stored, key) === undefined))
    throw new InstallationError('the given key does not open what that server has encrypted: give its own')
}

/** The same the other way. Throws as `checkSourceKey`. */
export function sealHmacKey(plain: string, key: string): Buffer {
  checkSourceKey(key)
  const nonce = randomBytes(NONCE_BYTES)
  const sealer = createCipheriv(CIPHERS[Buffer.byteLength(key)] ?? 'aes-256-gcm', Buffer.from(key), nonce)
  return Buffer.concat([nonce, sealer.update(plain), sealer.final(), sealer.getAuthTag()])
}
