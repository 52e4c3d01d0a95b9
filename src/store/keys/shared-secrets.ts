import { randomBytes } from '../../lib/random.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'

const BYTES = 32
const known = new WeakMap<object, Map<string, Promise<string>>>()

/**
 * A secret that all nodes of this installation share, for one purpose: made at random when it is first asked for, and
 * stored encrypted. Throws DecryptionError when no configured key opens it.
 */
export function sharedSecret(db: Queryable, secrets: Secrets, name: string): Promise<string> {
  // Knex hands the configuration object of a pool on to its transactions.
  const pool: object = db.client.config
  const read = known.get(pool) ?? new Map<string, Promise<string>>()
  known.set(pool, read)
  const present = read.get(name) ?? readOrMake(db, secrets, name)
  read.set(name, present)
  present.catch(() => read.delete(name))
  return present
}

async function readOrMake(db: Queryable, secrets: Secrets, name: string): Promise<string> {
  const sealed_value = secrets.encrypt(randomBytes(BYTES).toString('base64'))
  await db('shared_secrets').insert({ name, sealed_value }).onConflict('name').ignore()
  const row = await db<{ name: string; sealed_value: string }>('shared_secrets').where({ name }).first()
  if (!row) throw new Error(`the database did not keep the secret for ${name}`)
  return secrets.decrypt(row.sealed_value)
}
