import { ApiError } from '../../lib/errors.ts'
import { newId } from '../../lib/ids.ts'
import { equalSecrets } from '../../lib/secrets/timing-safe-equal.ts'
import { putWebhook, type WebhookPatch } from '../../store/delivery/webhooks.ts'
import { blankUser, noS3 } from '../../store/users/blank-user.ts'
import type { User, UserPatch } from '../../store/users/users.ts'
import {
  findUserByToken,
  forgetUser,
  getUser,
  insertUser,
  listUsers,
  updateUser,
} from '../../store/users/users.ts'
import type { Services } from '../services.ts'
import { type UserStatus, userStatus, userStatuses } from '../sessions/sessions.ts'

export { noS3 }

/** What a new user may bring along; everything else begins at its default. */
export type NewUser = Partial<Omit<User, 'id' | 'jid' | 'wanted' | 'createdAt'>>

/** What is set of the webhook that every user has of a slot. */
export interface OwnWebhook {
  target: string
  patch: WebhookPatch
}

/** The user whose token this is; an empty token is nobody's. */
export async function userByToken(services: Services, token: string): Promise<User | undefined> {
  return token === '' ? undefined : findUserByToken(services.db, services.secrets, token)
}

/** Whether this is the admin token; takes the same time whatever the answer. */
export function isAdminToken(services: Services, candidate: string): boolean {
  return equalSecrets(candidate, services.config.adminToken ?? '')
}

/** All users with the live state of their sessions, oldest first. */
export async function allUsers(services: Services): Promise<UserStatus[]> {
  const users = await listUsers(services.db, services.secrets)
  return userStatuses(services, users)
}

/** The user with this id, or an empty list. */
export async function usersWithId(services: Services, id: string): Promise<UserStatus[]> {
  const user = await getUser(services.db, services.secrets, id)
  return user ? [await userStatus({ user, services })] : []
}

/** Throws `conflict` when a user with this token exists. */
export async function refuseTakenToken(services: Services, token: string): Promise<void> {
  if (await userByToken(services, token)) {
    throw new ApiError('conflict', { text: 'user with this token already exists' })
  }
}

/** Creates a user, with a webhook where one is given. Throws `conflict` when its token is taken. */
export async function createUser(services: Services, settings: NewUser, webhook?: OwnWebhook): Promise<User> {
  const { db, secrets } = services
  const user = newUser(services, settings)
  if (!webhook) await insertUser(db, secrets, user)
  else
    await db.transaction(async (trx) => {
      await insertUser(trx, secrets, user)
      await putWebhook(trx, secrets, { ...webhook, userId: user.id })
    })
  return user
}

/** A user that is not stored yet, with a new id. Throws `invalid_field` for a name or token that nobody could give. */
export function newUser(services: Services, settings: NewUser): User {
  requireGivable(settings)
  return {
    ...blankUser(),
    id: newId(),
    webhookUseProxy: services.config.webhookUseProxy,
    ...settings,
  }
}

/** The user with this id. Throws `not_found`. */
export async function existingUser(services: Services, id: string): Promise<User> {
  const user = await getUser(services.db, services.secrets, id)
  if (!user) throw userNotFound(id)
  return user
}

/**
 * Changes some settings, and a webhook where one is given; a new token replaces the old one at once. Throws `not_found`,
 * `conflict` for a taken token, or `invalid_field` as above.
 */
export async function editUser(
  services: Services,
  { id, patch, webhook }: { id: string; patch: UserPatch; webhook?: OwnWebhook },
): Promise<User> {
  const { db, secrets } = services
  requireGivable(patch)
  const isChanged = await db
    .transaction(async (trx) => {
      const user = await updateUser(trx, secrets, id, patch)
      if (user && webhook) await putWebhook(trx, secrets, { ...webhook, userId: id })
      return user !== undefined
    })
    .finally(() => forgetUser(db, id))
  const user = isChanged ? await getUser(db, secrets, id) : undefined
  if (!user) throw userNotFound(id)
  return user
}

/** A NUL fits into no header, and the database does not keep it: such a user could never be named again. */
function requireGivable(settings: Pick<UserPatch, 'name' | 'token'>): void {
  for (const field of ['name', 'token'] as const) {
    if (settings[field]?.includes('\0'))
      throw new ApiError('invalid_field', { text: `${field} must not contain a NUL character` })
  }
}

/** Nobody has this id. */
export function userNotFound(id: string): ApiError {
  return new ApiError('not_found', { text: 'user not found', explanation: `No user found with ID: ${id}` })
}
