import { join, resolve } from 'node:path'
import { InstallationError } from '../../lib/process/installation-error.ts'
import {
  DecryptionError,
  type KeySource,
  openSecrets,
  readDecrypter,
  type Secrets,
} from '../../lib/secrets/secrets.ts'
import { type Database, isPostgres, type Queryable } from '../database/database.ts'
import { sealedColumns } from './re-encryption.ts'
import { noteInUse } from './secrets-in-use.ts'

const NAME = 'encryption-key'

// Any constant that no other program uses on the same database.
const ADVISORY_LOCK = 7_275_540

/**
 * The secrets of this installation. A key is generated only for a database that has never had one, and is on disk before
 * the database depends on it; nodes that start at once take turns. Throws InstallationError like `checkEncryptionKey`.
 */
export async function settleEncryptionKey(db: Database, from: KeySource): Promise<Secrets> {
  return db.transaction(async (trx) => {
    if (isPostgres(trx)) await trx.raw('select pg_advisory_xact_lock(?)', [ADVISORY_LOCK])
    await checkEncryptionKey(trx, from)
    const secrets = await openSecrets(from)
    await noteInUse(trx, secrets, NAME)
    return secrets
  })
}

/**
 * Throws InstallationError, which says what to restore, when the database holds what an encryption key encrypted and that
 * key is not here. Changes nothing, and needs no table to exist: it can be asked before the schema is touched.
 */
export async function checkEncryptionKey(db: Queryable, from: KeySource): Promise<void> {
  // In this order: a node that starts at the same moment has its key on disk before anything is encrypted with it.
  const encrypted = await encryptedSamples(db)
  const opener = await readDecrypter(from)
  const file = join(resolve(from.dataDir), NAME)
  if (encrypted.length > 0 && !opener)
    throw new InstallationError(
      `the encryption key of the database is missing: restore ${file} from a backup, or set ENCRYPTION_KEY to it`,
    )
  try {
    for (const text of encrypted) opener?.decrypt(text)
  } catch (cause) {
    if (!(cause instanceof DecryptionError)) throw cause
    const given = from.encryptionKey === undefined ? file : 'ENCRYPTION_KEY'
    const repair =
      from.encryptionKey === undefined
        ? 'restore that file from a backup'
        : 'set it to the one this database was made with'
    throw new InstallationError(
      `${given} is not the encryption key of the database: ${repair}; if it was changed on purpose, put the former one into ENCRYPTION_KEY_PREVIOUS`,
      { cause },
    )
  }
}

/** What the right key opens: what was written for this, and every user; of everything else only where both are missing. */
async function encryptedSamples(db: Queryable): Promise<string[]> {
  const texts: string[] = []
  for (const name of ['secrets_in_use.sealed_name', 'users.sealed_token'])
    texts.push(...(await textsOf(db, name)))
  if (texts.length > 0) return texts
  for (const name of sealedColumns) texts.push(...(await textsOf(db, name, 1)))
  return texts
}

async function textsOf(db: Queryable, name: string, limit?: number): Promise<string[]> {
  const [table = '', column = ''] = name.split('.')
  if (!(await db.schema.hasTable(table))) return []
  const query = db(table).where(column, '<>', '')
  return (limit === undefined ? query : query.limit(limit)).pluck(column)
}
