import type { Logger } from '../lib/process/logger.ts'
import type { Database } from '../store/database/database.ts'
import { recountWaits } from '../store/database/waits.ts'

export interface ClockWatchOptions {
  db: Database
  log: Logger
  intervalMs?: number
  now?: () => number
}

/** Looks at the start and now and then for waits that a clock which was set back has made long; returns what ends it. */
export function startClockWatch(options: ClockWatchOptions): () => Promise<void> {
  const { db, log, intervalMs = 30_000, now = Date.now } = options
  let running: Promise<void> | undefined
  const look = () => {
    running ??= recountWaits(db, now())
      .then((waits) => {
        if (waits > 0) log.warn({ waits }, 'the clock was set back; what waited is counted anew')
      })
      .catch((error) => log.error({ err: error }, 'waits could not be compared with the clock'))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(look, intervalMs)
  timer.unref()
  look()
  return async () => {
    clearInterval(timer)
    await running
  }
}
