import { ApiError } from '../../lib/errors.ts'
import { newId, newToken } from '../../lib/ids.ts'
import type { Caller } from '../../store/users/caller.ts'
import { hashSecret, maskKey } from '../../store/users/key-hashes.ts'
import {
  deleteUserKey,
  findUserKey,
  insertUserKey,
  listUserKeys,
  markKeyUsed,
  type UserKey,
} from '../../store/users/user-keys.ts'
import { forgetUser, getUser } from '../../store/users/users.ts'
import { userByToken } from '../admin/admin.ts'
import type { Services, UserScope } from '../services.ts'

/** What every key begins with: other tokens are not looked for among the keys. */
const KEY_PREFIX = 'plk_'
const MAX_KEYS = 50

/** A key to be. */
export type NewKey = Pick<UserKey, 'name' | 'power' | 'expiresAt'>

/**
 * Whose token, or further key, this is. The one place where the dialects find out who acts for a user: what a key may
 * not do is refused by the step that follows.
 */
export async function callerByToken(services: Services, token: string): Promise<Caller | undefined> {
  const user = await userByToken(services, token)
  if (user) return { user, power: 'full' }
  if (!token.startsWith(KEY_PREFIX)) return undefined
  const key = await findUserKey(services.db, await hashSecret(services, token))
  const owner = key && (await getUser(services.db, services.secrets, key.userId))
  if (!key || !owner) return undefined
  await markKeyUsed(services.db, key)
  return { user: owner, power: key.power, key }
}

/** Makes a key for a user; it is shown here and never again. Throws `invalid_field` or `conflict`. */
export async function createKey(
  { user, services }: UserScope,
  { name, power, expiresAt }: NewKey,
  now = Date.now(),
): Promise<{ key: UserKey; secret: string }> {
  if (expiresAt !== null && expiresAt <= now)
    throw new ApiError('invalid_field', { text: 'expiresAt must be in the future' })
  const secret = KEY_PREFIX + newToken()
  const key = {
    id: newId(),
    userId: user.id,
    name,
    power,
    maskedKey: maskKey(secret),
    createdAt: now,
    expiresAt,
  }
  const keyHash = await hashSecret(services, secret)
  if (!(await insertUserKey(services.db, { ...key, keyHash }, MAX_KEYS)))
    throw new ApiError('conflict', { text: `a user may have ${MAX_KEYS} keys: remove one first` })
  return { key: { ...key, lastUsedAt: null }, secret }
}

/** The keys of a user, oldest first. */
export function ownKeys({ user, services }: UserScope): Promise<UserKey[]> {
  return listUserKeys(services.db, user.id)
}

/** Removes a key: it counts no more, and what was opened with it ends. Throws `not_found`. */
export async function removeKey({ user, services }: UserScope, id: string): Promise<void> {
  if (!(await deleteUserKey(services.db, { id, userId: user.id })))
    throw new ApiError('not_found', { text: 'there is no such key' })
  // Whoever listens with it is looked at again.
  forgetUser(services.db, user.id)
}
