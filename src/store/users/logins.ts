import type { Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'

/** Somebody who looks at users and changes nothing: support. */
export interface Login {
  id: string
  name: string
  power: 'support'
  /** Enough of the key to recognise it: its beginning and its end. */
  maskedKey: string
  /** The users it may look at; null for all, also those to come. */
  userIds: string[] | null
  /** Unix milliseconds, like the other instants. */
  createdAt: number
  /** To the hour; null before the first use. */
  lastUsedAt: number | null
  /** Null for a login that lasts until it is removed. */
  expiresAt: number | null
}

interface LoginRow {
  id: string
  name: string
  power: Login['power']
  key_hash: string
  masked_key: string
  user_ids: string | null
  created_at: number
  last_used_at: number | null
  expires_at: number | null
}

/** A use is written down when the last one that was is older: a row per request would be too much. */
const USE_MS = 60 * 60 * 1000

const byHash = new RowCache<Login>()

/** Stores a new login. */
export async function insertLogin(
  db: Queryable,
  login: Omit<Login, 'lastUsedAt'> & { keyHash: string },
): Promise<void> {
  await db('logins').insert({
    id: login.id,
    name: login.name,
    power: login.power,
    key_hash: login.keyHash,
    masked_key: login.maskedKey,
    user_ids: login.userIds && JSON.stringify(login.userIds),
    created_at: login.createdAt,
    expires_at: login.expiresAt,
  })
  byHash.forget(db, login.keyHash)
}

/** Every login, oldest first; those included that have expired. */
export async function listLogins(db: Queryable): Promise<Login[]> {
  const rows = await db<LoginRow>('logins').orderBy(['created_at', 'id'])
  return rows.map(ofRow)
}

/** The login whose key has this hash, unless it has expired. */
export async function findLogin(
  db: Queryable,
  keyHash: string,
  now = Date.now(),
): Promise<Login | undefined> {
  const login = await byHash.get(db, keyHash, async () => {
    const row = await db<LoginRow>('logins').where('key_hash', keyHash).first()
    return row && ofRow(row)
  })
  return login && login.expiresAt !== null && login.expiresAt <= now ? undefined : login
}

/** Which of these logins are still there and have not expired. */
export async function listValidLogins(db: Queryable, ids: string[], now = Date.now()): Promise<Set<string>> {
  const rows: Pick<LoginRow, 'id'>[] = await db('logins')
    .whereIn('id', ids)
    .where((valid) => valid.whereNull('expires_at').orWhere('expires_at', '>', now))
    .select('id')
  return new Set(rows.map(({ id }) => id))
}

/** Notes that a login is used, to the hour. */
export async function markLoginUsed(db: Queryable, login: Login, now = Date.now()): Promise<void> {
  if (login.lastUsedAt !== null && now - login.lastUsedAt < USE_MS) return
  // The object is the one that is remembered: the next request does not write again.
  login.lastUsedAt = now - (now % USE_MS)
  await db('logins').where('id', login.id).update({ last_used_at: login.lastUsedAt })
}

/** Removes a login; false when there was none. */
export async function deleteLogin(db: Queryable, id: string): Promise<boolean> {
  const deleted = await db('logins').where({ id }).delete()
  forgetLogins(db)
  return deleted > 0
}

/** Has logins read anew: another node has removed one. */
export function forgetLogins(db: Queryable): void {
  byHash.forget(db)
}

function ofRow(row: LoginRow): Login {
  return {
    id: row.id,
    name: row.name,
    power: row.power,
    maskedKey: row.masked_key,
    // Written by `insertLogin`.
    userIds: row.user_ids === null ? null : (JSON.parse(row.user_ids) as string[]),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  }
}
