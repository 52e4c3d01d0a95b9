import type { Login } from './logins.ts'
import type { Power, UserKey } from './user-keys.ts'
import type { User } from './users.ts'

/** Somebody who acts for a user, and how much that somebody may do. */
export interface Caller {
  user: User
  power: Power
  /** The further key that was shown; absent for the user's own token. */
  key?: UserKey
  /** The login that looks at the user; absent for whoever is the user. */
  login?: Login
}
