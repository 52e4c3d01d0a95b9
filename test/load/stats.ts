/** What a bench run reports of a list of durations. */
export interface Spread {
  count: number
  p50Ms: number
  p99Ms: number
}

/** Median and 99th percentile of durations in milliseconds, nearest rank. */
export function spread(durationsMs: number[]): Spread {
  const sorted = durationsMs.toSorted((a, b) => a - b)
  const rank = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { count: sorted.length, p50Ms: round(rank(0.5)), p99Ms: round(rank(0.99)) }
}

/** Two significant decimals are all a shared machine can tell. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
