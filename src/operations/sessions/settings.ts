import { ApiError } from '../../lib/errors.ts'
import { noS3 } from '../../store/users/blank-user.ts'
import { type User, type UserPatch, updateUser } from '../../store/users/users.ts'
import type { UserScope } from '../services.ts'

/** Changes some of the user's settings. Throws `unauthorized` when the user was deleted meanwhile. */
export async function changeSettings({ user, services }: UserScope, patch: UserPatch): Promise<User> {
  const changed = await updateUser(services.db, services.secrets, user.id, patch)
  if (!changed) throw new ApiError('unauthorized')
  return changed
}

/** The user's settings as they are stored. */
export function readSettings({ user }: UserScope): User {
  return user
}

/** Forgets the user's bucket; media travel inside webhooks again. */
export function resetBucket(scope: UserScope): Promise<User> {
  return changeSettings(scope, { s3: noS3, mediaDelivery: 'base64' })
}
