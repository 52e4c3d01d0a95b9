import { isPostgres, type Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'

/** What the bearer of a key may do: see, send, or all that its user may. */
export type Power = 'read' | 'send' | 'full'

/** A further key of a user, which may do less than the user's token. */
export interface UserKey {
  id: string
  userId: string
  name: string
  power: Exclude<Power, 'full'>
  /** Enough of the key to recognise it: its beginning and its end. */
  maskedKey: string
  /** Unix milliseconds, like the other instants. */
  createdAt: number
  /** To the hour; null before the first use. */
  lastUsedAt: number | null
  /** Null for a key that lasts until it is removed. */
  expiresAt: number | null
}

interface UserKeyRow {
  id: string
  user_id: string
  name: string
  power: UserKey['power']
  key_hash: string
  masked_key: string
  created_at: number
  last_used_at: number | null
  expires_at: number | null
}

/** A use is written down when the last one that was is older: a row per request would be too much. */
const USE_MS = 60 * 60 * 1000

const byHash = new RowCache<UserKey>()

/** Stores a new key unless its user has `max` already; false then. */
export async function insertUserKey(
  db: Queryable,
  key: Omit<UserKey, 'lastUsedAt'> & { keyHash: string },
  max: number,
): Promise<boolean> {
  const isStored = await db.transaction(async (trx) => {
    // Of two that are made at the same moment, the second counts the first. SQLite has one connection that writes.
    if (isPostgres(trx)) await trx('users').where('id', key.userId).forUpdate().first('id')
    const row = await trx('user_keys').where('user_id', key.userId).count({ keys: '*' }).first()
    if (Number(row?.keys ?? 0) >= max) return false
    await trx('user_keys').insert({
      id: key.id,
      user_id: key.userId,
      name: key.name,
      power: key.power,
      key_hash: key.keyHash,
      masked_key: key.maskedKey,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
    })
    return true
  })
  byHash.forget(db, key.keyHash)
  return isStored
}

/** The keys of a user, oldest first; those included that have expired. */
export async function listUserKeys(db: Queryable, userId: string): Promise<UserKey[]> {
  const rows = await db<UserKeyRow>('user_keys').where('user_id', userId).orderBy(['created_at', 'id'])
  return rows.map(ofRow)
}

/** The key with this hash, unless it has expired. */
export async function findUserKey(
  db: Queryable,
  keyHash: string,
  now = Date.now(),
): Promise<UserKey | undefined> {
  const key = await byHash.get(db, keyHash, async () => {
    const row = await db<UserKeyRow>('user_keys').where('key_hash', keyHash).first()
    return row && ofRow(row)
  })
  return key && isExpired(key, now) ? undefined : key
}

/** Which of these keys are still there and have not expired. */
export async function listValidKeys(db: Queryable, ids: string[], now = Date.now()): Promise<Set<string>> {
  const rows: Pick<UserKeyRow, 'id'>[] = await db('user_keys')
    .whereIn('id', ids)
    .where((valid) => valid.whereNull('expires_at').orWhere('expires_at', '>', now))
    .select('id')
  return new Set(rows.map(({ id }) => id))
}

/** Notes that a key is used, to the hour. */
export async function markKeyUsed(db: Queryable, key: UserKey, now = Date.now()): Promise<void> {
  if (key.lastUsedAt !== null && now - key.lastUsedAt < USE_MS) return
  // The object is the one that is remembered: the next request does not write again.
  key.lastUsedAt = now - (now % USE_MS)
  await db('user_keys').where('id', key.id).update({ last_used_at: key.lastUsedAt })
}

/** Removes a key of a user; false when there was none. Whoever removes one must forget the user, too. */
export async function deleteUserKey(
  db: Queryable,
  { id, userId }: Pick<UserKey, 'id' | 'userId'>,
): Promise<boolean> {
  const deleted = await db('user_keys').where({ id, user_id: userId }).delete()
  forgetUserKeys(db)
  return deleted > 0
}

/** Has keys read anew: another node has removed one. */
export function forgetUserKeys(db: Queryable): void {
  byHash.forget(db)
}

function isExpired({ expiresAt }: UserKey, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}

function ofRow(row: UserKeyRow): UserKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    power: row.power,
    maskedKey: row.masked_key,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  }
}
