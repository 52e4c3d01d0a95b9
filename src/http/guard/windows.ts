import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { Rate } from './token-buckets.ts'

/** Memory is bounded: beyond this number the sources unseen for longest are forgotten. */
const MAX_SOURCES = 50_000

/** What one more request found. */
export interface Counted {
  /** Requests that the source may make before its window ends; negative for one too many. */
  left: number
  /** Whole seconds until it ends. */
  resetSeconds: number
}

/** Counts what each source does in a window of fixed length, which begins with its first request. */
export class Windows {
  readonly rate: Rate
  readonly #now: () => number
  readonly #counts: BoundedCache<string, { count: number; endsAt: number }>

  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.rate = rate
    this.#now = now
    this.#counts = new BoundedCache({ max: MAX_SOURCES })
  }

  /** Counts one more. */
  take(source: string): Counted {
    const now = this.#now()
    const known = this.#counts.get(source)
    const window = known && now < known.endsAt ? known : { count: 0, endsAt: now + this.rate.windowMs }
    window.count++
    this.#counts.set(source, window)
    return { left: this.rate.max - window.count, resetSeconds: Math.ceil((window.endsAt - now) / 1000) }
  }
}
