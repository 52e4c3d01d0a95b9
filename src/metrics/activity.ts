import type { RecordedEvent } from '../events/bus.ts'
import type { AttemptOutcome } from '../lib/instrumentation.ts'
import type { Logger } from '../lib/process/logger.ts'
import { type Database, isRefused } from '../store/database/database.ts'
import {
  type ActivityRow,
  addActivity,
  addCounts,
  type Counts,
  LATENCY_BOUNDS,
  noCounts,
  type Span,
} from '../store/health/activity.ts'

export interface ActivityOptions {
  db: Database
  log: Logger
  /** Which events are messages that somebody wrote. */
  isMessage: (event: RecordedEvent['event']) => boolean
  intervalMs?: number
  now?: () => number
}

/** What users do, in numbers: for the plots of the console. Everything but `stop` returns at once and never fails. */
export interface Activity {
  /** Takes note of events as they are recorded. */
  heard(userId: string, events: RecordedEvent[]): void
  /** What became of a message that was to be sent. */
  sent(userId: string, status: 'sent' | 'failed'): void
  /** An attempt at a webhook; `latencyMs` where a request was made. */
  attempted(attempt: { userId: string; outcome: AttemptOutcome; latencyMs?: number }): void
  /** Writes what was counted last. */
  stop(): Promise<void>
}

/** Counted in memory for so long: what a process that is killed has not written yet is missing from the plots. */
const WRITE_MS = 10_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** While the database is away, users times minutes; what happens beyond that is not counted. */
const MOST_UNWRITTEN = 100_000

/**
 * Counts messages and deliveries by user and minute, and adds them to the database with one write for all users every ten
 * seconds, never for a message.
 */
export function startActivity(options: ActivityOptions): Activity {
  const { db, log, isMessage, now = Date.now } = options
  let counted = new Map<string, MinuteCounts>()
  let writing: Promise<void> | undefined

  function of(userId: string): Counts {
    const at = Math.floor(now() / MINUTE_MS) * MINUTE_MS
    const name = `${at}/${userId}`
    const known = counted.get(name)
    if (known) return known
    const made = { userId, at, ...noCounts() }
    if (counted.size < MOST_UNWRITTEN) counted.set(name, made)
    return made
  }

  async function write(): Promise<void> {
    if (counted.size === 0) return
    const taken = counted
    counted = new Map()
    await addActivity(db, rowsOf([...taken.values()])).catch((error: unknown) => {
      log.warn({ err: error }, 'could not write what users do in numbers')
      // What the database refuses it would refuse again.
      if (!isRefused(error)) counted = joined(taken, counted)
    })
  }

  const timer = setInterval(() => {
    writing ??= write().finally(() => {
      writing = undefined
    })
  }, options.intervalMs ?? WRITE_MS)
  timer.unref()

  return {
    heard(userId, events) {
      for (const { event } of events) if (isMessage(event)) of(userId).received += 1
    },
    sent(userId, status) {
      of(userId)[status] += 1
    },
    attempted({ userId, outcome, latencyMs }) {
      if (outcome === 'dropped') return
      const counts = of(userId)
      counts[outcome === 'delivered' ? 'accepted' : 'refused'] += 1
      if (latencyMs === undefined) return
      const index = LATENCY_BOUNDS.findIndex((bound) => latencyMs <= bound)
      const place = index === -1 ? LATENCY_BOUNDS.length : index
      counts.latencies[place] = (counts.latencies[place] ?? 0) + 1
    },
    async stop() {
      clearInterval(timer)
      await writing
      await write()
    },
  }
}

interface MinuteCounts extends Counts {
  userId: string
  at: number
}

/** By the minute, and once more by the hour. */
function rowsOf(minutes: MinuteCounts[]): ActivityRow[] {
  const rows = new Map<string, ActivityRow>()
  const add = (counts: MinuteCounts, span: Span, at: number) => {
    const name = `${span}/${at}/${counts.userId}`
    const row = rows.get(name) ?? { ...noCounts(), userId: counts.userId, span, at }
    addCounts(row, counts)
    rows.set(name, row)
  }
  for (const counts of minutes) {
    add(counts, 60, counts.at)
    add(counts, 3600, Math.floor(counts.at / HOUR_MS) * HOUR_MS)
  }
  return [...rows.values()]
}

function joined(
  older: Map<string, MinuteCounts>,
  newer: Map<string, MinuteCounts>,
): Map<string, MinuteCounts> {
  for (const [name, counts] of newer) {
    const known = older.get(name)
    if (known) addCounts(known, counts)
    else if (older.size < MOST_UNWRITTEN) older.set(name, counts)
  }
  return older
}
