import { BoundedCache } from '../../lib/flow/bounded-cache.ts'

/** Memory is bounded: beyond this number the sources unseen for longest are forgotten. */
const MAX_SOURCES = 50_000

/** How often a source may do something: `max` times at once, and as many again in every window. */
export interface Rate {
  max: number
  windowMs: number
}

interface Bucket {
  tokens: number
  /** When the tokens were counted, in milliseconds of a clock that nobody sets. */
  at: number
}

/** Limits how often each source does something: a bucket that refills evenly, of which everything takes one token. */
export class TokenBuckets {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #buckets: BoundedCache<string, Bucket>
  #purgedAt: number

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate
    this.#now = now
    this.#purgedAt = now()
    // A bucket that nobody took from for a whole window is full, which is what a source without one has.
    this.#buckets = new BoundedCache({ max: MAX_SOURCES, ttl: rate.windowMs, perf: { now } })
  }

  /** Takes a token of this source: 0, or the milliseconds until there is one. */
  take(source: string): number {
    this.#purge()
    const { max, windowMs } = this.#rate
    const now = this.#now()
    const { tokens, at } = this.#buckets.get(source) ?? { tokens: max, at: now }
    const left = Math.min(max, tokens + ((now - at) * max) / windowMs)
    if (left < 1) return Math.ceil(((1 - left) * windowMs) / max)
    this.#buckets.set(source, { tokens: left - 1, at: now })
    return 0
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#buckets.size
  }

  // The cache itself forgets what has expired only when it is asked for it.
  #purge(): void {
    const now = this.#now()
    if (now - this.#purgedAt < this.#rate.windowMs) return
    this.#purgedAt = now
    this.#buckets.purgeStale()
  }
}
