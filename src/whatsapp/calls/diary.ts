import type { Call, CallDiary } from './calls.ts'

/** A call of an hour with relays that come and go has a few hundred. */
const MAX_ENTRIES = 500

/** Keeps what happens in one call, without its secrets. */
export class DiaryKeeper {
  readonly #entries: CallDiary['entries'] = []
  readonly #startedAt = performance.now()

  /** Writes something down; what comes after the five hundredth entry is left out. */
  note(what: string, details?: Record<string, unknown>): void {
    if (this.#entries.length >= MAX_ENTRIES) return
    const at = Math.round(performance.now() - this.#startedAt)
    this.#entries.push(details ? { at, what, details } : { at, what })
  }

  of(call: Call): CallDiary {
    return { call, entries: this.#entries.map((entry) => ({ ...entry })) }
  }
}
