import { isPostgres } from '../../store/database/database.ts'
import { markRemoved, type Removal, type Unlinked, unfinishedRemovals } from '../../store/users/removals.ts'
import { deleteUser, type User } from '../../store/users/users.ts'
import type { Services } from '../services.ts'
import { removeUserFiles } from '../sessions/s3.ts'
import { existingUser, userNotFound } from './admin.ts'

/** A user that was deleted, and what became of the link to its phone. */
export interface Removed {
  user: User
  unlinked: Unlinked
}

/** What to do about a phone that could not be told. */
export const STILL_LINKED =
  'WhatsApp could not be reached to unlink the phone: remove the device there, under Linked devices'

/**
 * Ends the user's session, unlinks it, and removes the row with all that belongs to it. A session that is not open is
 * connected once, for `patienceMs` at most. The user is unknown from the beginning; what interrupts the rest does not
 * undo it. Throws `not_found`.
 */
export function removeUser(services: Services, id: string, patienceMs?: number): Promise<Removed> {
  return remove(services, { id, files: false, patienceMs })
}

/** The same, with its files in its bucket, as far as these can be removed in half a minute. */
export function removeUserAndFiles(services: Services, id: string): Promise<Removed> {
  return remove(services, { id, files: true })
}

async function remove(
  services: Services,
  { id, files, patienceMs }: { id: string; files: boolean; patienceMs?: number },
): Promise<Removed> {
  const user = await existingUser(services, id)
  if (!(await markRemoved(services.db, services.secrets, id, { files, now: Date.now() })))
    throw userNotFound(id)
  return finish(services, { user, files }, patienceMs)
}

async function finish(services: Services, { user, files }: Removal, patienceMs?: number): Promise<Removed> {
  const unlinked = await services.sessions.forget(user.id, patienceMs)
  if (files) await removeUserFiles(services, user)
  await deleteUser(services.db, user.id)
  return { user, unlinked }
}

/** No removal takes longer than this: what is older was interrupted. */
const LONGEST_MS = 60_000

/**
 * Finishes the removals that the end of a process has interrupted, at the start and from then on, because other nodes may
 * end too. Returns what stops it.
 */
export function startRemovals(services: Services): () => Promise<void> {
  const { db, log, secrets } = services
  let isStopping = false

  async function finishAll(before: number): Promise<void> {
    for (const removal of await unfinishedRemovals(db, secrets, before)) {
      if (isStopping) return
      const { unlinked } = await finish(services, removal)
      log.info({ user: removal.user.id, unlinked }, 'finished deleting a user')
    }
  }

  function look(before: number): Promise<void> {
    return finishAll(before).catch((error: unknown) =>
      log.warn({ err: error }, 'users could not be deleted to the end; that is tried again'),
    )
  }

  // With SQLite this process is the only one, and it has just begun.
  let looking = look(Date.now() - (isPostgres(db) ? LONGEST_MS : 0))
  const timer = setInterval(() => {
    looking = looking.then(() => look(Date.now() - LONGEST_MS))
  }, LONGEST_MS).unref()
  return async () => {
    isStopping = true
    clearInterval(timer)
    await looking
  }
}
