import type { Config } from '../config/config.ts'
import { jittered } from '../lib/flow/backoff.ts'
import { isQueued, PIPE } from './targets.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Pauses before the second, third, ... attempt, in milliseconds; after the last one a delivery is given up. */
const defaultPauses = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR]

// A receiver delays only its own lane; an hour also outlasts the usual quota windows.
const longestRetryAfterMs = HOUR

/** The configured pauses: the schedule above, or a doubling one as soon as one of its two variables is set. */
export function retryPauses(
  config: Pick<Config, 'webhookRetryEnabled' | 'webhookRetryCount' | 'webhookRetryDelaySeconds'>,
): number[] {
  if (!config.webhookRetryEnabled) return []
  if (config.webhookRetryCount === undefined && config.webhookRetryDelaySeconds === undefined)
    return defaultPauses
  const { webhookRetryCount: attempts = 5, webhookRetryDelaySeconds: seconds = 30 } = config
  const longest = 24 * HOUR
  return Array.from({ length: attempts - 1 }, (_, index) => Math.min(seconds * SECOND * 2 ** index, longest))
}

/** The pauses of one target: `usual` ones behind those that its dialect begins with; a queue and a pipe always have the default ones. */
export function pausesOf(
  target: string,
  { firstPausesMs = [] }: { firstPausesMs?: readonly number[] },
  usual: number[],
): number[] {
  if (isQueued(target) || target === PIPE) return defaultPauses
  // Without a schedule nothing is repeated.
  return usual.length === 0 ? [] : [...firstPausesMs, ...usual]
}

/**
 * How long to wait after failed attempt `attempt` (1 = the first); undefined = give up. A `Retry-After` of the
 * receiver lengthens the pause, up to an hour.
 */
export function pauseAfter(
  attempt: number,
  pauses: number[],
  retryAfterMs = 0,
  random: () => number = Math.random,
): number | undefined {
  const pause = pauses[attempt - 1]
  if (pause === undefined) return undefined
  return Math.max(jittered(pause, random), Math.min(retryAfterMs, longestRetryAfterMs))
}
