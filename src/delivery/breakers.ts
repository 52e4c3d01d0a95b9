import { backoffMs } from '../lib/flow/backoff.ts'
import { BoundedCache } from '../lib/flow/bounded-cache.ts'
import type { Database } from '../store/database/database.ts'
import { changeDestination, getDestination, listDestinations } from '../store/delivery/destinations.ts'

export interface BreakerLimits {
  /** Failures in a row after which a receiver gets one request at a time. */
  careful: number
  /** Failures in a row after which it gets nothing for a while. */
  open: number
  /** The first such while and the longest one, in milliseconds; it doubles with each probe that fails. */
  firstMs: number
  maxMs: number
}

/** Receivers: far more than a server has. One that is forgotten has to prove itself, or to fail, again. */
const REMEMBERED = 100_000

const defaultBreakerLimits: BreakerLimits = { careful: 3, open: 5, firstMs: 2_000, maxMs: 60_000 }

/**
 * The circuit breakers of all receivers: closed, open (nothing is sent until a moment that is stored with the
 * receiver) and half-open (that moment has come; one request at a time, until one succeeds).
 */
export class Breakers {
  readonly #db: Database
  readonly #limits: BreakerLimits
  /** Failures in a row, of receivers whose last attempt failed. */
  readonly #failures = new BoundedCache<string, number>({ max: REMEMBERED })
  /** Receivers that have taken something since this process began. */
  readonly #proven = new BoundedCache<string, true>({ max: REMEMBERED })

  constructor(db: Database, limits = defaultBreakerLimits) {
    this.#db = db
    this.#limits = limits
  }

  /** Remembers which receivers were failing when the process before this one ended. */
  async restore(): Promise<void> {
    for (const { name, breaker } of await listDestinations(this.#db)) {
      if (breaker) this.#failures.set(name, breaker.failures)
    }
  }

  /** How many requests to a receiver may be in flight, `most` when all is well. */
  roomOf(destination: string, most: number): number {
    return (this.#failures.get(destination) ?? 0) >= this.#limits.careful ? 1 : most
  }

  /** Whether it has taken something, and nothing failed since; a receiver that is new may be one that never answers. */
  isProven(destination: string): boolean {
    return this.#proven.has(destination) && !this.isSuspect(destination)
  }

  /** Whether its last attempt failed: all such receivers together must leave room for the others. */
  isSuspect(destination: string): boolean {
    return this.#failures.has(destination)
  }

  async succeeded(destination: string, userId: string | undefined): Promise<void> {
    this.#failures.delete(destination)
    this.#proven.set(destination, true)
    const known = await getDestination(this.#db, destination)
    if (known?.breaker) await changeDestination(this.#db, { name: destination, userId }, { breaker: null })
  }

  async failed(
    destination: string,
    userId: string | undefined,
    outcome: { status?: number; answer: string },
    now = Date.now(),
  ): Promise<void> {
    const failures = (this.#failures.get(destination) ?? 0) + 1
    this.#failures.set(destination, failures)
    if (failures < this.#limits.open) return
    const before = (await getDestination(this.#db, destination))?.breaker
    // Requests that were in flight when it opened say nothing new.
    if (before && before.retryAt > now) return
    const openings = (before?.openings ?? 0) + 1
    const breaker = {
      failures,
      openings,
      openedAt: before?.openedAt ?? now,
      retryAt: now + backoffMs(openings, this.#limits),
      status: outcome.status,
      answer: outcome.answer,
    }
    await changeDestination(this.#db, { name: destination, userId }, { breaker })
  }
}
