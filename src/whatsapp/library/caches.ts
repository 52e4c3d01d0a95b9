import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { GroupMetadata, JidServer } from './engine.ts'

/** The cache interface the library's socket options expect, with bulk calls. */
export interface CacheView {
  get<T>(key: string): T | undefined
  set<T>(key: string, value: T): void
  del(key: string): void
  mget<T>(keys: string[]): Promise<Record<string, T | undefined>>
  mset<T>(entries: { key: string; value: T }[]): Promise<void>
  mdel(keys: string[]): Promise<void>
  flushAll(): void
}

/** One device of a person, as the library remembers it. */
export interface DeviceAddress {
  user: string
  server: JidServer
  device: number
}

const DAY_MS = 24 * 3600 * 1000
const HOUR_MS = 3600 * 1000
// Nobody tells when somebody joins WhatsApp.
const NO_DEVICES_MS = 60_000

/**
 * The caches all sessions share: bounded together, so that memory does not grow with the number of sessions.
 * The library would otherwise make four caches a socket and lose them at every reconnect.
 */
export class SharedCaches {
  // A device list that expires makes the library re-key every recipient; the server announces changes by itself.
  readonly #devices = new BoundedCache<string, object>({ max: 50_000, ttl: DAY_MS })
  readonly #retries = new BoundedCache<string, object>({ max: 20_000, ttl: HOUR_MS })
  readonly #calls = new BoundedCache<string, object>({ max: 2_000, ttl: HOUR_MS })
  readonly #placeholders = new BoundedCache<string, object>({ max: 5_000, ttl: HOUR_MS })
  /** How many copies of a sent message a device asked for and got, under both names. */
  readonly copies = new BoundedCache<string, number>({ max: 20_000, ttl: HOUR_MS })
  readonly groups = new BoundedCache<string, GroupMetadata>({ max: 5_000, ttl: DAY_MS })

  /** The part of the caches that belongs to one session; it cannot reach another's entries. */
  forSession(userId: string) {
    return {
      userDevicesCache: view(this.#devices, userId),
      msgRetryCounterCache: view(this.#retries, userId),
      callOfferCache: view(this.#calls, userId),
      placeholderResendCache: view(this.#placeholders, userId),
    }
  }

  /** The devices of a person, by the user part of the address in use; undefined where they were not asked for. */
  devicesOf(userId: string, user: string): DeviceAddress[] | undefined {
    // Only the library and `noteWithoutDevices` write here.
    return (this.#devices.get(`${userId}/${user}`) as Box | undefined)?.value as DeviceAddress[] | undefined
  }

  /** Whether devices of a person, by the user part of the address in use, are known. */
  hasDevices(userId: string, user: string): boolean {
    return Boolean(this.devicesOf(userId, user)?.length)
  }

  /** Remembers for a minute that people, by the user part of the address in use, have no devices. */
  noteWithoutDevices(userId: string, users: string[]): void {
    for (const user of users) {
      this.#devices.set(`${userId}/${user}`, { value: [] } satisfies Box, { ttl: NO_DEVICES_MS })
    }
  }

  /** Forgets what is cached for one session, after its account was unlinked. */
  forget(userId: string): void {
    const { groups, copies } = this
    for (const cache of [this.#devices, this.#retries, this.#calls, this.#placeholders, groups, copies]) {
      for (const key of cache.keys()) if (key.startsWith(`${userId}/`)) cache.delete(key)
    }
  }
}

/** Values are boxed because the underlying cache stores objects and the library also stores numbers and booleans. */
interface Box {
  value: unknown
}

function view(cache: BoundedCache<string, object>, userId: string): CacheView {
  const name = (key: string) => `${userId}/${key}`
  // The library asks with the type it stored under that key: the cast is its own promise.
  const read = <T>(key: string) => (cache.get(name(key)) as Box | undefined)?.value as T | undefined
  const write = (key: string, value: unknown) => void cache.set(name(key), { value } satisfies Box)
  return {
    get: read,
    set: write,
    del: (key) => void cache.delete(name(key)),
    mget: async <T>(keys: string[]) => Object.fromEntries(keys.map((key) => [key, read<T>(key)])),
    mset: async (entries) => {
      for (const { key, value } of entries) write(key, value)
    },
    mdel: async (keys) => {
      for (const key of keys) cache.delete(name(key))
    },
    // The library flushes when a socket ends; the entries are meant to outlive it.
    flushAll: () => {},
  }
}
