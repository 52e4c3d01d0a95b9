import type { Secrets } from '../../lib/secrets/secrets.ts'
import { chunked, type Database } from '../database/database.ts'
import { userCache } from './user-cache.ts'
import type { User } from './users.ts'

/** Tells when users may no longer be what they were, so that what lasts can be granted anew or ended. */
export interface UserWatch {
  /** Calls `listener` with the id of each user that is changed or deleted; returns what ends the calls. */
  listen(listener: (userId: string) => void): () => void
  /** Finds out which of these users have another token or name by now, or are gone: other nodes change users too. */
  lookAgain(users: User[]): Promise<void>
}

/** Watches the users of a database. */
export function watchUsers(db: Database, secrets: Secrets): UserWatch {
  const cache = userCache(db)
  const indexOf = ({ token }: User) => (token === '' ? null : secrets.blindIndex(token))
  return {
    listen: (listener) => cache.listen(listener),
    async lookAgain(users) {
      for (const some of chunked(users)) {
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
    },
  }
}
