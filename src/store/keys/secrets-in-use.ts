import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'

/** Whether this installation has ever had a secret of this name, whatever has become of it since. */
export async function isInUse(db: Queryable, name: string): Promise<boolean> {
  return (await db('secrets_in_use').where({ name }).first('name')) !== undefined
}

/** Remembers that there is a secret of this name, so that its loss is noticed; see the migration `0017_installation`. */
export async function noteInUse(db: Queryable, secrets: Secrets, name: string): Promise<void> {
  await db('secrets_in_use')
    .insert({ name, sealed_name: secrets.encrypt(name) })
    .onConflict('name')
    .ignore()
}
