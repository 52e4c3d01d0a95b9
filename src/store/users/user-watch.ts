import type { Secrets } from '../../lib/secrets/secrets.ts'
import { chunked, type Database } from '../database/database.ts'
import { forgetLogins, listValidLogins } from './logins.ts'
import { userCache } from './user-cache.ts'
import { forgetUserKeys, listValidKeys } from './user-keys.ts'
import type { User } from './users.ts'

/** Tells when users may no longer be what they were, so that what lasts can be granted anew or ended. */
export interface UserWatch {
  /** Calls `listener` with the id of each user that is changed or deleted; returns what ends the calls. */
  listen(listener: (userId: string) => void): () => void
  /**
   * Finds out which of these users have another token or name by now, or are gone, and which of the keys do not count any
   * more: other nodes change users too.
   */
  lookAgain(callers: WatchedCaller[]): Promise<void>
}

/** A user, and the key that is used for it, where that is not its token. */
export interface WatchedCaller {
  user: User
  key?: { id: string }
  /** The login that looks at it. */
  login?: { id: string }
}

/** Watches the users of a database. */
export function watchUsers(db: Database, secrets: Secrets): UserWatch {
  const cache = userCache(db)
  const indexOf = ({ token }: User) => (token === '' ? null : secrets.blindIndex(token))
  /** The users for whom something is used that does not count any more. */
  async function ended(
    used: { userId: string; id: string }[],
    listValid: typeof listValidKeys,
    forget: typeof forgetUserKeys,
  ): Promise<Set<string>> {
    const over = new Set<string>()
    for (const some of chunked(used)) {
      const valid = await listValid(
        db,
        some.map(({ id }) => id),
      )
      for (const { userId, id } of some) if (!valid.has(id)) over.add(userId)
    }
    if (over.size > 0) forget(db)
    return over
  }

  return {
    listen: (listener) => cache.listen(listener),
    async lookAgain(callers) {
      for (const some of chunked(callers.map(({ user }) => user))) {
        const rows: { id: string; name: string; token_index: string | null }[] = await db('users')
          .select('id', 'name', 'token_index')
          .whereIn(
            'id',
            some.map(({ id }) => id),
          )
        const found = new Map(rows.map((row) => [row.id, row]))
        for (const user of some) {
          const row = found.get(user.id)
          if (row?.name !== user.name || row.token_index !== indexOf(user)) cache.forget(user.id)
        }
      }
      const keys = callers.flatMap(({ user, key }) => (key ? [{ userId: user.id, id: key.id }] : []))
      for (const userId of await ended(keys, listValidKeys, forgetUserKeys)) cache.forget(userId)
      const logins = callers.flatMap(({ user, login }) => (login ? [{ userId: user.id, id: login.id }] : []))
      for (const userId of await ended(logins, listValidLogins, forgetLogins)) cache.forget(userId)
    },
  }
}
