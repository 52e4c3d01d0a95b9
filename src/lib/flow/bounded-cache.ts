import { LRUCache } from 'lru-cache'

/** What a cache may hold, and what happens to what leaves it. */
interface Bounds<Key, Value> {
  /** Entries at most; the one that was not used for longest gives way. */
  max: number
  /** How long an entry lives, in milliseconds; 0 for as long as there is room. */
  ttl?: number
  /** The clock; the monotonic one of the process unless another is given. */
  perf?: { now(): number }
  dispose?: (value: Value, key: Key) => void
}

/**
 * A cache of a bounded number of entries that takes memory for those it has. The library's own bound takes it at once
 * for as many as there may ever be: about 40 bytes each, which were 188 KB of every session and more than 10 MB of a server
 * without any.
 */
export class BoundedCache<Key extends {}, Value extends {}> extends LRUCache<Key, Value> {
  constructor({ max, ...bounds }: Bounds<Key, Value>) {
    // The sum of sizes is a bound for which nothing is set aside: every entry has the size 1.
    super({ ...bounds, maxSize: max, sizeCalculation: () => 1 })
  }
}
