const DAY_SECONDS = 24 * 3600

const words = new Map([
  ['24h', DAY_SECONDS],
  ['7d', 7 * DAY_SECONDS],
  ['90d', 90 * DAY_SECONDS],
  ['off', 0],
])

/** Seconds of `24h`, `7d`, `90d` or `off`, the timers WhatsApp's clients offer; undefined for anything else. */
export function disappearingSeconds(word: string): number | undefined {
  return words.get(word)
}
