export interface CautiousClock {
  /** What everybody can set, in unix milliseconds. */
  wall?: () => number
  /** What nobody can, in milliseconds. */
  elapsed?: () => number
  /** How long a jump forward must last before it counts. */
  trustMs?: number
}

// More than a clock is corrected by in passing.
const SLACK_MS = 60_000

/**
 * The time for what deletes by age. A clock that is set a year ahead for a minute would have everything deleted; so a
 * jump forward counts only once it has lasted, and until then time goes on as before. Going back counts at once.
 */
export function cautiousNow(clock: CautiousClock = {}): () => number {
  const { wall = Date.now, elapsed = () => performance.now(), trustMs = 3_600_000 } = clock
  let known = { time: wall(), at: elapsed() }
  let jumpedAt: number | undefined
  return () => {
    const at = elapsed()
    const expected = known.time + (at - known.at)
    const time = wall()
    if (time > expected + SLACK_MS) {
      jumpedAt ??= at
      if (at - jumpedAt < trustMs) return expected
    }
    jumpedAt = undefined
    known = { time, at }
    return time
  }
}
