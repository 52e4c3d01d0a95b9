import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { isPostgres, type Queryable } from '../database/database.ts'
import type { User } from './users.ts'

const MAX_USERS = 20_000
// Other nodes change users of a shared PostgreSQL too; for this long their changes may go unseen here.
const SHARED_TTL_MS = 1_000

/**
 * Users as last read, for requests and deliveries, which need one each. Every change that goes through `users.ts`
 * forgets its user at once; a read that overlaps a change is not kept.
 */
export class UserCache {
  readonly #users: BoundedCache<string, User>
  readonly #idsByToken: BoundedCache<string, string>
  readonly #listeners = new Set<(id: string) => void>()
  #changes = 0

  constructor(ttlMs: number) {
    this.#users = new BoundedCache({ max: MAX_USERS, ttl: ttlMs })
    this.#idsByToken = new BoundedCache({ max: MAX_USERS, ttl: ttlMs })
  }

  byId(id: string, read: () => Promise<User | undefined>): Promise<User | undefined> {
    const known = this.#users.get(id)
    return known ? Promise.resolve(known) : this.#keep(read)
  }

  /** `index` is the blind index of the token. */
  async byToken(index: string, read: () => Promise<User | undefined>): Promise<User | undefined> {
    const known = this.#users.get(this.#idsByToken.get(index) ?? '')
    if (known) return known
    const user = await this.#keep(read)
    // Kept only if the user is: a token must not outlive a change of its user.
    if (user && this.#users.has(user.id)) this.#idsByToken.set(index, user.id)
    return user
  }

  /** Must be called after every change of a user. */
  forget(id: string): void {
    this.#changes += 1
    this.#users.delete(id)
    for (const [index, owner] of this.#idsByToken.entries()) if (owner === id) this.#idsByToken.delete(index)
    for (const listener of this.#listeners) listener(id)
  }

  /** Calls `listener` with the id of each user that is forgotten from now on; returns what ends the calls. */
  listen(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #keep(read: () => Promise<User | undefined>): Promise<User | undefined> {
    const changes = this.#changes
    const user = await read()
    if (user && changes === this.#changes) this.#users.set(user.id, user)
    return user
  }
}

const caches = new WeakMap<object, UserCache>()

/** The cache of a database; transactions share that of their pool. */
export function userCache(db: Queryable): UserCache {
  // Knex hands the configuration object of a pool on to its transactions.
  const key: object = db.client.config
  const cache = caches.get(key) ?? new UserCache(isPostgres(db) ? SHARED_TTL_MS : 0)
  caches.set(key, cache)
  return cache
}
