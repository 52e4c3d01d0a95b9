import { ApiError } from '../../lib/errors.ts'
import { newId, newToken } from '../../lib/ids.ts'
import type { Caller } from '../../store/users/caller.ts'
import { hashSecret, maskKey } from '../../store/users/key-hashes.ts'
import {
  deleteLogin,
  findLogin,
  insertLogin,
  type Login,
  listLogins,
  markLoginUsed,
} from '../../store/users/logins.ts'
import { getUser } from '../../store/users/users.ts'
import { allUsers } from '../admin/admin.ts'
import type { Services } from '../services.ts'

/** What the key of every login begins with. */
const KEY_PREFIX = 'pls_'
const MAX_LOGINS = 200

/** A login to be. */
export type NewLogin = Pick<Login, 'name' | 'userIds' | 'expiresAt'>

/** Whose key this is, where it is the key of a login. */
export async function loginByToken(services: Services, token: string): Promise<Login | undefined> {
  if (!token.startsWith(KEY_PREFIX)) return undefined
  const login = await findLogin(services.db, await hashSecret(services, token))
  if (login) await markLoginUsed(services.db, login)
  return login
}

/** Looks at a user as a login may: to read. Throws `forbidden` for a user that it does not see, whether there is one or not. */
export async function lookAs(services: Services, login: Login, userId: string): Promise<Caller> {
  const isSeen = userId !== '' && (login.userIds === null || login.userIds.includes(userId))
  const user = isSeen ? await getUser(services.db, services.secrets, userId) : undefined
  if (!user) throw new ApiError('forbidden', { text: 'this login does not see this user' })
  return { user, power: 'read', login }
}

/** Makes a login; its key is shown here and never again. Throws `invalid_field` or `conflict`. */
export async function createLogin(
  services: Services,
  { name, userIds, expiresAt }: NewLogin,
  now = Date.now(),
): Promise<{ login: Login; secret: string }> {
  const { db } = services
  if (expiresAt !== null && expiresAt <= now)
    throw new ApiError('invalid_field', { text: 'expiresAt must be in the future' })
  const logins = await listLogins(db)
  if (logins.some((other) => other.name === name))
    throw new ApiError('conflict', {
      text: 'there is a login with this name: the log would not tell them apart',
    })
  if (logins.length >= MAX_LOGINS)
    throw new ApiError('conflict', { text: `there may be ${MAX_LOGINS} logins: remove one first` })
  for (const id of userIds ?? [])
    if (!(await getUser(db, services.secrets, id)))
      throw new ApiError('invalid_field', { text: `there is no user with the id ${id}` })
  const secret = KEY_PREFIX + newToken()
  const login = {
    id: newId(),
    name,
    power: 'support' as const,
    maskedKey: maskKey(secret),
    userIds,
    createdAt: now,
    expiresAt,
  }
  await insertLogin(db, { ...login, keyHash: await hashSecret(services, secret) })
  return { login: { ...login, lastUsedAt: null }, secret }
}

/** Every login, oldest first. */
export function allLogins({ db }: Services): Promise<Login[]> {
  return listLogins(db)
}

/** Removes a login: its key counts no more. Throws `not_found`. */
export async function removeLogin({ db }: Services, id: string): Promise<void> {
  if (!(await deleteLogin(db, id))) throw new ApiError('not_found', { text: 'there is no such login' })
}

/** A user as somebody sees it who may only look. */
export interface SeenUser {
  id: string
  name: string
  /** JID of the linked account, '' before it is linked. */
  jid: string
  connected: boolean
  loggedIn: boolean
}

/** The users with the state of their sessions, oldest first: those with these ids, or all. No tokens, no settings. */
export async function seenUsers(services: Services, userIds: string[] | null): Promise<SeenUser[]> {
  const users = await allUsers(services)
  return users
    .filter(({ user }) => userIds === null || userIds.includes(user.id))
    .map(({ user: { id, name }, jid, connected, loggedIn }) => ({ id, name, jid, connected, loggedIn }))
}
