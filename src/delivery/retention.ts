import type { Config } from '../config/config.ts'
import { cautiousNow } from '../lib/flow/cautious-now.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Database } from '../store/database/database.ts'
import { pruneDead } from '../store/delivery/deliveries.ts'
import { pruneEvents } from '../store/delivery/events.ts'
import { pruneActivity } from '../store/health/activity.ts'
import { pruneSessionNotes, trimSessionNotes } from '../store/health/session-events.ts'
import { pruneRequests } from '../store/idempotent-requests.ts'
import { pruneAudiences } from '../store/messages/audiences.ts'
import { pruneResponses } from '../store/messages/message-responses.ts'
import { pruneMessages } from '../store/messages/messages.ts'

export interface RetentionOptions {
  db: Database
  log: Logger
  config: Pick<Config, 'eventRetentionHours' | 'deadRetentionHours' | 'messageRetentionHours'>
  intervalMs?: number
  now?: () => number
}

const HOUR = 3_600_000
const REPEATABLE_MS = 24 * HOUR
// Whom messages go to is noted as used once an hour at most; it must outlive the last message that names it.
const AUDIENCE_MARGIN_MS = 2 * HOUR
/** What happened to the connection of a user: a month, and no more than this of each. */
const TIMELINE_MS = 30 * 24 * HOUR
const MOST_NOTES = 1_000
/** The plots go back a week, from any moment of the day. */
const ACTIVITY_MS = 8 * 24 * HOUR

/** Removes what is older than its retention now and then; the returned function ends it. */
export function startRetention(options: RetentionOptions): () => Promise<void> {
  let running: Promise<void> | undefined
  const now = options.now ?? cautiousNow()
  let isStopped = false
  const run = () => {
    running ??= prune(options, now(), () => isStopped)
      .catch((error) => options.log.error({ err: error }, 'old rows could not be removed'))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(run, options.intervalMs ?? 600_000)
  timer.unref()
  return async () => {
    isStopped = true
    clearInterval(timer)
    await running
  }
}

async function prune({ db, config }: RetentionOptions, now: number, isStopped: () => boolean): Promise<void> {
  const steps = [
    () => pruneDead(db, now - config.deadRetentionHours * HOUR),
    () => pruneEvents(db, now - config.eventRetentionHours * HOUR),
    () => pruneMessages(db, now - config.messageRetentionHours * HOUR),
    () => pruneAudiences(db, now - config.messageRetentionHours * HOUR - AUDIENCE_MARGIN_MS),
    () => pruneResponses(db, now - config.messageRetentionHours * HOUR),
    () => pruneRequests(db, now - REPEATABLE_MS),
    () => pruneSessionNotes(db, now - TIMELINE_MS),
    () => trimSessionNotes(db, MOST_NOTES),
    () => pruneActivity(db, { span: 60, before: now - 2 * HOUR }),
    () => pruneActivity(db, { span: 3600, before: now - ACTIVITY_MS }),
  ]
  for (const step of steps) {
    // In small steps, so that nobody waits long for SQLite's one connection.
    while (!isStopped() && (await step()) > 0) await new Promise(setImmediate)
  }
}
