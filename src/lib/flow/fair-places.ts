import { BoundedCache } from './bounded-cache.ts'

export interface FairLimits {
  /** Places in total. */
  total: number
  /** Places that one key may hold. */
  perKey: number
  /** Keys that held a place for longer than this, the last time or right now, share half of all places. */
  slowMs: number
}

interface Waiter {
  enter: () => void
}

/** More keys than are ever slow at once; one that is forgotten is found slow again. */
const REMEMBERED = 10_000

/**
 * Places that many share, and none can take away from the others: each key waits in a line of its own, the lines take
 * turns, and whoever is slow leaves half of the places to the rest.
 */
export class FairPlaces {
  readonly #limits: FairLimits
  readonly #now: () => number
  /** When the holders of each key took their places. */
  readonly #held = new Map<string, Set<{ since: number }>>()
  /** The key whose turn is next comes first. */
  readonly #lines = new Map<string, Set<Waiter>>()
  readonly #slow = new BoundedCache<string, true>({ max: REMEMBERED })

  constructor(limits: FairLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  /** Resolves with the function that gives the place back. Rejects when `signal` aborts while waiting. */
  acquire(key: string, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (!this.#lines.has(key) && this.#hasRoom(key)) return Promise.resolve(this.#take(key))
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key) ?? new Set()
      this.#lines.set(key, line)
      const leave = () => {
        line.delete(waiter)
        if (line.size === 0) this.#lines.delete(key)
        reject(signal?.reason)
      }
      const waiter: Waiter = {
        enter: () => {
          signal?.removeEventListener('abort', leave)
          resolve(this.#take(key))
        },
      }
      signal?.addEventListener('abort', leave, { once: true })
      line.add(waiter)
    })
  }

  #take(key: string): () => void {
    const holder = { since: this.#now() }
    const holders = this.#held.get(key) ?? new Set()
    this.#held.set(key, holders.add(holder))
    return () => {
      if (!holders.delete(holder)) return
      if (holders.size === 0) this.#held.delete(key)
      if (this.#now() - holder.since > this.#limits.slowMs) this.#slow.set(key, true)
      else this.#slow.delete(key)
      this.#admit()
    }
  }

  #admit(): void {
    for (const [key, line] of this.#lines) {
      const [first] = line
      if (!first || !this.#hasRoom(key)) continue
      line.delete(first)
      // To the end: the other lines come first now. The loop gets there again, until no line has room.
      this.#lines.delete(key)
      if (line.size > 0) this.#lines.set(key, line)
      first.enter()
    }
  }

  #hasRoom(key: string): boolean {
    const { total, perKey } = this.#limits
    const own = this.#held.get(key)?.size ?? 0
    if (own >= perKey) return false
    let all = 0
    let slow = 0
    for (const [holding, { size }] of this.#held) {
      all += size
      if (this.#isSlow(holding)) slow += size
    }
    if (all >= total) return false
    return !this.#isSlow(key) || slow < Math.max(1, Math.floor(total / 2))
  }

  #isSlow(key: string): boolean {
    const [oldest] = this.#held.get(key) ?? []
    return this.#slow.has(key) || (oldest !== undefined && this.#now() - oldest.since > this.#limits.slowMs)
  }
}
