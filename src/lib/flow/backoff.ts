export interface BackoffLimits {
  /** Delay before the first retry. */
  firstMs: number
  /** No delay is longer than this, jitter aside. */
  maxMs: number
}

/** Delay before retry `attempt` (1 = first retry), doubling up to a limit and spread by 20 %. */
export function backoffMs(
  attempt: number,
  limits: BackoffLimits = { firstMs: 1_000, maxMs: 60_000 },
  random: () => number = Math.random,
): number {
  return jittered(Math.min(limits.firstMs * 2 ** (attempt - 1), limits.maxMs), random)
}

/** A duration moved by up to 20 % either way, so that many clients do not return at once. */
export function jittered(durationMs: number, random: () => number = Math.random): number {
  return Math.round(durationMs * (0.8 + 0.4 * random()))
}
