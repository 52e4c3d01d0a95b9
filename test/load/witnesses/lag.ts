import { type Spread, spread } from '../stats.ts'

/** A message on its way from a contact to a receiver; instants in milliseconds since 1970. */
export interface Flight {
  sentAt: number
  /** Undefined when it has not arrived. */
  arrivedAt: number | undefined
}

/** A time in which the server was there. */
export interface Uptime {
  from: number
  until: number
}

/** After a start the sessions have to connect, and what waited meanwhile is delivered. */
const SETTLE_MS = 3_000
/**
 * A message sent so shortly before an end is not measured, for it may have been interrupted. Every earlier one counts,
 * however late it came: leaving out what was interrupted would leave out the slow ones.
 */
const LAST_MS = 1_000

/** Lags of the messages that were sent while the server was up, and how many are left out. */
export function lagsWithin(flights: Flight[], uptimes: Uptime[]): { spread: Spread; leftOut: number } {
  const measured = flights.filter(({ sentAt }) =>
    uptimes.some(({ from, until }) => sentAt >= from + SETTLE_MS && sentAt <= until - LAST_MS),
  )
  const lags = measured.map(({ sentAt, arrivedAt }) => lagMs(sentAt, arrivedAt))
  return { spread: spread(lags), leftOut: flights.length - measured.length }
}

/**
 * How long a message took, or has been on its way so far. A receiver can have it before whoever sent it hears that it
 * was taken: then there is no lag.
 */
export function lagMs(sentAt: number, arrivedAt = Date.now()): number {
  return Math.max(0, arrivedAt - sentAt)
}
