import { ApiError } from '../../lib/errors.ts'
import { newToken } from '../../lib/ids.ts'
import { findOrInsertNamed } from '../../store/users/named-users.ts'
import { findUsersByName, getUser, listUsers, type User } from '../../store/users/users.ts'
import { type NewUser, newUser } from '../admin/admin.ts'
import { type Removed, removeUser } from '../admin/removals.ts'
import type { Services, UserScope } from '../services.ts'
import { sessionStatus } from './sessions.ts'

/**
 * The user with this name or, when nobody has the name, the one with this id; undefined when there is none. Throws
 * `conflict` when it may mean several: acting on the wrong account is worse than not acting. No new name is another
 * user's id, but older ones may be.
 */
export async function userByNameOrId(services: Services, nameOrId: string): Promise<User | undefined> {
  const { db, secrets } = services
  const [named, ...others] = await findUsersByName(db, secrets, nameOrId)
  const known = await getUser(db, secrets, nameOrId)
  const quoted = JSON.stringify(nameOrId)
  if (others.length > 0) {
    throw new ApiError('conflict', {
      text: `several sessions have the name ${quoted}; use the id of one of them`,
    })
  }
  if (named && known && named.id !== known.id) {
    throw new ApiError('conflict', {
      text: `${quoted} is the name of one session and the id of another; use the id of the one or the name of the other`,
    })
  }
  return named ?? known
}

/** The user with this name or id, or a new one of that name with a random token. Throws `conflict` as above. */
export async function findOrCreateUser(services: Services, nameOrId: string): Promise<User> {
  const existing = await userByNameOrId(services, nameOrId)
  if (existing) return existing
  const user = newUser(services, { name: nameOrId, token: newToken() })
  return findOrInsertNamed(services.db, services.secrets, user)
}

/** A new user whose name nobody else has. Throws `conflict` when the name or the token is taken. */
export async function createNamedUser(services: Services, settings: NewUser): Promise<User> {
  const user = newUser(services, settings)
  const named = await findOrInsertNamed(services.db, services.secrets, user)
  if (named.id !== user.id) throw new ApiError('conflict', { text: 'user with this name already exists' })
  return user
}

/** Starts a session that is not running; whether it connects is told by its events. Throws `conflict`. */
export async function startSession({ user, services }: UserScope): Promise<void> {
  if (services.sessions.find(user.id)?.running)
    throw new ApiError('conflict', { text: `session ${JSON.stringify(user.name || user.id)} is running` })
  await services.sessions.connect(user)
}

/** Closes a session and keeps its link to the phone; one that does not run stays as it is. */
export async function stopSession({ user, services }: UserScope): Promise<void> {
  await services.sessions.disconnect(user.id)
}

/** Closes a session and starts it again; one that does not run is started. */
export async function restartSession({ user, services }: UserScope): Promise<void> {
  await services.sessions.disconnect(user.id)
  await services.sessions.connect(user)
}

/** Unlinks a session's phone and deletes its user with all that belongs to it. Throws `not_found`. */
export function terminateSession({ user, services }: UserScope): Promise<Removed> {
  return removeUser(services, user.id)
}

/** Every user, oldest first. */
export function allSessions({ db, secrets }: Services): Promise<User[]> {
  return listUsers(db, secrets)
}

/** Terminates every session; yields what became of each. */
export function terminateAll(services: Services): Promise<Removed[]> {
  return terminateEach(services, () => true)
}

/** Terminates the sessions that are neither open nor on their way to be: stopped ones, and those nobody has linked. */
export function terminateInactive(services: Services): Promise<Removed[]> {
  return terminateEach(services, (user) => isInactive(services, user))
}

/** So long all of them together may take to connect, once WhatsApp does not answer. */
const TERMINATION_MS = 15_000
const CONNECT_MS = 10_000

async function terminateEach(services: Services, isMeant: (user: User) => boolean): Promise<Removed[]> {
  let patienceMs = TERMINATION_MS
  const removed: Removed[] = []
  // One after the other: each waits for WhatsApp, and a failure leaves the rest for the next call.
  for (const user of await allSessions(services)) {
    if (!isMeant(user)) continue
    const startedAt = performance.now()
    const one = await removeUser(services, user.id, Math.min(patienceMs, CONNECT_MS)).catch(ignoreGone)
    if (one) removed.push(one)
    if (one?.unlinked === 'unreachable')
      patienceMs = Math.max(0, patienceMs - (performance.now() - startedAt))
  }
  return removed
}

function ignoreGone(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
}

/**
 * A session that is lost for a moment, or banned for a while (`blocked` and still among the sessions), comes back by
 * itself; one that is wanted and not here runs on another node.
 */
function isInactive(services: Services, user: User): boolean {
  if (!services.sessions.find(user.id)) return !user.wanted
  const { state } = sessionStatus({ user, services })
  return !['queued', 'connecting', 'open', 'retrying', 'blocked'].includes(state)
}
