import { BoundedCache } from './bounded-cache.ts'

/** Those who wait under one name, and what that name has had so far, in milliseconds of turns. */
interface Line {
  waiting: Set<() => void>
  used: number
}

export interface FairTurnsOptions {
  /** Turns at the same time; 1 by default. */
  atOnce?: number
  /** Milliseconds of a clock that never jumps. */
  now?: () => number
}

/** Whoever has no name counts as so many names: it has two thirds of the time, should everybody want all of it. */
const UNNAMED_WEIGHT = 2
/** What a turn costs at most: after one that took minutes its name shall not wait until all others have had minutes. */
const MOST_CHARGED_MS = 500
/** Names whose use is remembered; one that is forgotten begins like a new one. */
const REMEMBERED = 10_000

/**
 * Turns on something that many want, shared by time: whoever has had least is next. Whoever has a name waits in a line
 * of its own, so that a thousand wishes of one name wait for each other, and long turns cost their name other turns. All
 * names together are one party, whoever has none is the other. What somebody did not ask for is not saved up.
 */
export class FairTurns {
  readonly #now: () => number
  readonly #known = new BoundedCache<string, Line>({ max: REMEMBERED })
  /** Lines of names in which somebody waits. */
  readonly #lines = new Map<string, Line>()
  readonly #unnamed: Line = { waiting: new Set(), used: 0 }
  readonly #named = { used: 0 }
  /** What the name, and the party, had whose turn began last. */
  readonly #least = { name: 0, party: 0 }
  #free: number

  constructor({ atOnce = 1, now = () => performance.now() }: FairTurnsOptions = {}) {
    this.#free = atOnce
    this.#now = now
  }

  /** Resolves with what ends the turn when it is the caller's. Rejects after `patienceMs` without one. */
  take(name: string | undefined, patienceMs: number): Promise<() => void> {
    const line = this.#lineOf(name)
    if (line.waiting.size === 0)
      line.used = Math.max(line.used, this.#least[name === undefined ? 'party' : 'name'])
    if (name !== undefined && this.#lines.size === 0)
      this.#named.used = Math.max(this.#named.used, this.#least.party)
    if (this.#free > 0) {
      this.#free--
      return Promise.resolve(this.#begin(name, line))
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#leave(name, line, enter)
        reject(new Error(`no turn within ${patienceMs} ms`))
      }, patienceMs)
      const enter = () => {
        clearTimeout(timer)
        resolve(this.#begin(name, line))
      }
      line.waiting.add(enter)
      if (name !== undefined) this.#lines.set(name, line)
    })
  }

  #begin(name: string | undefined, line: Line): () => void {
    const since = this.#now()
    this.#least.party = name === undefined ? line.used : this.#named.used
    if (name !== undefined) this.#least.name = line.used
    return () => {
      const had = Math.min(this.#now() - since, MOST_CHARGED_MS)
      if (name === undefined) line.used += had / UNNAMED_WEIGHT
      else {
        line.used += had
        this.#named.used += had
      }
      this.#pass()
    }
  }

  #pass(): void {
    const isUnnamed =
      this.#unnamed.waiting.size > 0 && (this.#lines.size === 0 || this.#unnamed.used <= this.#named.used)
    const [name, line] = isUnnamed ? [undefined, this.#unnamed] : this.#nextNamed()
    const [enter] = line?.waiting ?? []
    if (!line || !enter) {
      this.#free++
      return
    }
    this.#leave(name, line, enter)
    enter()
  }

  #nextNamed(): [string, Line] | [undefined, undefined] {
    let next: [string, Line] | [undefined, undefined] = [undefined, undefined]
    for (const [name, line] of this.#lines) if (!next[1] || line.used < next[1].used) next = [name, line]
    return next
  }

  #leave(name: string | undefined, line: Line, enter: () => void): void {
    line.waiting.delete(enter)
    if (name !== undefined && line.waiting.size === 0) this.#lines.delete(name)
  }

  #lineOf(name: string | undefined): Line {
    if (name === undefined) return this.#unnamed
    const line = this.#lines.get(name) ?? this.#known.get(name) ?? { waiting: new Set(), used: 0 }
    this.#known.set(name, line)
    return line
  }
}
