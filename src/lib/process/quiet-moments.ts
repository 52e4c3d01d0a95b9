/** A look at the process. */
export interface Look {
  /** Any monotonic clock, in milliseconds. */
  atMs: number
  /** How much of the time since the last look the event loop worked, 0 to 1. */
  busy: number
  /** Resident memory. */
  rssBytes: number
}

/** More than that is work: a thousand idle sessions keep the loop busy for less. */
const MAX_BUSY = 0.1
/** So long nothing happens before memory is released again. */
const QUIET_MS = 60_000
/** And not more often than that. */
const PAUSE_MS = 10 * 60_000
/** Less is not worth standing still for. */
const MIN_GROWTH_BYTES = 16 * 1024 * 1024

/**
 * Decides when a process should stand still for a moment to release memory: once at the first quiet look, when what the
 * start has left is garbage, and later when it has been quiet for a minute, has grown since the last time, and that was ten
 * minutes ago. Never while it works.
 */
export class QuietMoments {
  #quietSinceMs: number | undefined
  #last: { atMs: number; rssBytes: number } | undefined

  /** Whether memory should be released now. */
  isNow({ atMs, busy, rssBytes }: Look): boolean {
    if (busy > MAX_BUSY) {
      this.#quietSinceMs = undefined
      return false
    }
    if (!this.#last) return true
    this.#quietSinceMs ??= atMs
    return (
      atMs - this.#quietSinceMs >= QUIET_MS &&
      atMs - this.#last.atMs >= PAUSE_MS &&
      rssBytes - this.#last.rssBytes >= MIN_GROWTH_BYTES
    )
  }

  /** Notes that it was released, and what was left. */
  released({ atMs, rssBytes }: Omit<Look, 'busy'>): void {
    this.#last = { atMs, rssBytes }
  }
}
