import type { User } from '../../../store/users/users.ts'

/** What the original allows in the id of a session; the length is ours. */
const SESSION_ID = /^[\w-]{1,100}$/

/** Whether a text can name a session in a path. */
export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text)
}

/** What this dialect calls a user's session: the user's name where it can stand in a path, else its id. */
export function sessionIdOf({ name, id }: Pick<User, 'id' | 'name'>): string {
  return isSessionId(name) ? name : id
}

/**
 * What to call each session so that this leads back to it: those that share a name, or have the id of another one as
 * their name, have their ids.
 */
export function distinctSessionIds(users: User[]): string[] {
  const bearers = new Map<string, Set<string>>()
  for (const { id, name } of users)
    for (const called of [id, name]) bearers.set(called, (bearers.get(called) ?? new Set()).add(id))
  return users.map((user) => (bearers.get(sessionIdOf(user))?.size === 1 ? sessionIdOf(user) : user.id))
}
