import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Database, isPostgres } from '../database/database.ts'
import { findUsersByName, insertUser, type User } from './users.ts'

/**
 * The oldest user with this name, or else `user` itself, stored now: names need not be unique, but of two calls at the
 * same moment only one creates. Throws `conflict` when the token of the new user is taken.
 */
export function findOrInsertNamed(db: Database, secrets: Secrets, user: User): Promise<User> {
  return db.transaction(async (trx) => {
    // SQLite has one connection, so transactions wait for each other anyway.
    if (isPostgres(trx))
      await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`user ${user.name}`])
    const [existing] = await findUsersByName(trx, secrets, user.name)
    if (existing) return existing
    await insertUser(trx, secrets, user)
    return user
  })
}
