import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'
import type { Lease } from '../nodes/leases.ts'
import { userCache } from './user-cache.ts'
import { type User, type UserRow, userOfRow } from './users.ts'

/** What became of the link to the phone when a session was ended for good. */
export type Unlinked = 'yes' | 'not_linked' | 'unreachable'

/** A user that is being deleted. */
export interface Removal {
  user: User
  /** Its files are to be removed from its bucket too. */
  files: boolean
}

/**
 * Makes a user unknown to everybody from now on, and its token free; its session is to end, and its phone to be unlinked
 * by whichever node has it: that one may look before it is told anything else. False when there is none. What belongs to
 * it stays until `deleteUser`.
 */
export async function markRemoved(
  db: Queryable,
  secrets: Secrets,
  id: string,
  { files, now }: { files: boolean; now: number },
): Promise<boolean> {
  const marked = await db('users')
    .where('id', id)
    .whereNull('removed_at')
    .update({
      removed_at: now,
      removes_files: files,
      sealed_token: secrets.encrypt(''),
      token_index: null,
      wanted: false,
      unlink: true,
      unlinked: '',
    })
  userCache(db).forget(id)
  return marked > 0
}

/** The users whose removal began before `before` and is not finished, oldest first. */
export async function unfinishedRemovals(
  db: Queryable,
  secrets: Secrets,
  before: number,
): Promise<Removal[]> {
  const rows: (UserRow & { removes_files: boolean | 0 | 1 })[] = await db('users')
    .where('removed_at', '<=', before)
    .orderBy('removed_at')
  return rows.map((row) => ({ user: userOfRow(row, secrets), files: Boolean(row.removes_files) }))
}

/** The user with this id, also one that is being deleted. */
export async function evenRemovedUser(
  db: Queryable,
  secrets: Secrets,
  id: string,
): Promise<User | undefined> {
  const row = await db<UserRow>('users').where({ id }).first()
  return row && userOfRow(row, secrets)
}

/** Notes, for the node that asked for it, what became of the link to the phone; with a lease, only while that is good. */
export async function noteUnlinked(
  db: Queryable,
  userId: string,
  { unlinked, lease }: { unlinked: Unlinked; lease?: Lease },
): Promise<void> {
  await db('users')
    .where({ id: userId, ...(lease && { owner: lease.owner, epoch: lease.epoch }) })
    .update({ unlinked })
}

/** What the node that had the session has noted; undefined when it has not. */
export async function notedUnlinked(db: Queryable, userId: string): Promise<Unlinked | undefined> {
  const row = await db('users').where('id', userId).first('unlinked')
  return row?.unlinked || undefined
}
