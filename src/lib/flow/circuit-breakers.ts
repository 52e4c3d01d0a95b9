import type { Logger } from '../process/logger.ts'
import { type BackoffLimits, backoffMs } from './backoff.ts'
import { BoundedCache } from './bounded-cache.ts'

export interface CircuitBreakerOptions {
  log: Logger
  /** What is logged when one is left alone, and when it works again. */
  opened: string
  closed: string
  /** Faults in a row after which one is left alone. */
  faults?: number
  /** For how long: before the first try, and at most. */
  pauses?: BackoffLimits
  /** Milliseconds of a clock that nobody sets. */
  now?: () => number
}

/** What is asked, and how the log names it. */
export interface Asked {
  key: string
  facts: Record<string, string>
}

/** What an error says of whatever was asked: that it failed, that it works, or nothing. */
export type Verdict = 'fault' | 'answer' | 'nothing'

/** Nothing was asked, because whatever would have been failed too often lately. */
export class LeftAloneError extends Error {
  override readonly name = 'LeftAloneError'
}

interface Breaker {
  faults: number
  openings: number
  retryAt: number
  isTrying: boolean
}

/** A breaker that is forgotten opens again after the same number of faults. */
const REMEMBERED = 10_000
const REMEMBERED_MS = 60 * 60 * 1000

/**
 * Spares others the wait for what fails again and again. After a few faults in a row nothing is asked for a pause, then
 * one try at a time; each that fails makes the pause longer, and the first success ends it. Kept in memory: what is
 * guarded here is waited for, and does without what it does not get.
 */
export class CircuitBreakers {
  readonly #options: CircuitBreakerOptions
  readonly #faults: number
  readonly #pauses: BackoffLimits
  readonly #now: () => number
  readonly #failing = new BoundedCache<string, Breaker>({ max: REMEMBERED, ttl: REMEMBERED_MS })

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
    this.#faults = options.faults ?? 3
    this.#pauses = options.pauses ?? { firstMs: 5_000, maxMs: 300_000 }
    this.#now = options.now ?? (() => performance.now())
  }

  /** Does `work`, or throws LeftAloneError. */
  async run<Result>(
    asked: Asked,
    work: () => Promise<Result>,
    judge: (error: unknown) => Verdict,
  ): Promise<Result> {
    const isTry = this.#admit(asked.key)
    try {
      const result = await work()
      this.#close(asked)
      return result
    } catch (error) {
      const verdict = judge(error)
      if (verdict === 'fault') this.#fail(asked, isTry)
      else if (verdict === 'answer') this.#close(asked)
      else if (isTry) this.#leaveTry(asked)
      throw error
    }
  }

  /** Whether this is the one try after a pause. */
  #admit(key: string): boolean {
    const breaker = this.#failing.get(key)
    if (!breaker || breaker.faults < this.#faults) return false
    if (breaker.isTrying || this.#now() < breaker.retryAt)
      throw new LeftAloneError('it failed too often lately')
    breaker.isTrying = true
    return true
  }

  #fail({ key, facts }: Asked, isTry: boolean): void {
    const breaker = this.#failing.get(key) ?? { faults: 0, openings: 0, retryAt: 0, isTrying: false }
    const wasOpen = breaker.faults >= this.#faults
    breaker.faults++
    this.#failing.set(key, breaker)
    // What was asked before it opened says nothing new.
    if (breaker.faults < this.#faults || (wasOpen && !isTry)) return
    breaker.isTrying = false
    breaker.openings++
    breaker.retryAt = this.#now() + backoffMs(breaker.openings, this.#pauses)
    if (!wasOpen) this.#options.log.warn(facts, this.#options.opened)
  }

  /** The next one tries instead. */
  #leaveTry({ key }: Asked): void {
    const breaker = this.#failing.get(key)
    if (breaker) breaker.isTrying = false
  }

  #close({ key, facts }: Asked): void {
    const breaker = this.#failing.get(key)
    this.#failing.delete(key)
    if (breaker && breaker.faults >= this.#faults) this.#options.log.info(facts, this.#options.closed)
  }
}
