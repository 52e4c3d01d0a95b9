import { z } from 'zod'

/** Numbers below are a duration in seconds, those above an instant: unix seconds, then unix milliseconds. */
const FIRST_INSTANT_SECONDS = 1_000_000_000
const FIRST_INSTANT_MS = 1_000_000_000_000

/**
 * Until when a chat is silent: an RFC 3339 date, unix seconds or milliseconds, or a duration in seconds; for ever when
 * absent, -1 or 0. Yields the seconds that are left.
 */
export const muteUntil = z
  .union([z.string(), z.number()])
  .optional()
  .transform((value, issues) => {
    const seconds = secondsLeft(value, Date.now())
    if (seconds > 0) return seconds
    issues.addIssue({
      code: 'custom',
      message: Number.isNaN(seconds) ? 'unmuteDate is not a date' : 'unmuteDate is in the past',
    })
    return z.NEVER
  })

/** NaN for what is no date. */
function secondsLeft(value: string | number | undefined, now: number): number {
  if (value === undefined || value === '') return Number.POSITIVE_INFINITY
  const number = typeof value === 'number' || /^-?\d+$/.test(value) ? Number(value) : undefined
  if (number === undefined) return (Date.parse(String(value)) - now) / 1000
  if (number === -1 || number === 0) return Number.POSITIVE_INFINITY
  if (number < FIRST_INSTANT_SECONDS) return number
  return (number < FIRST_INSTANT_MS ? number * 1000 - now : number - now) / 1000
}
