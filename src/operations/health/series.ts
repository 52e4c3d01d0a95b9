import {
  addCounts,
  type Counts,
  LATENCY_BOUNDS,
  noCounts,
  readActivity,
  type Span,
} from '../../store/health/activity.ts'
import { existingUser } from '../admin/admin.ts'
import type { Services, UserScope } from '../services.ts'

export const SPANS = ['hour', 'day', 'week'] as const

/** How far back a series goes. */
export type SeriesSpan = (typeof SPANS)[number]

/** Messages and deliveries within a time. */
export interface Figures {
  /** Messages that came, and that were sent through this server. */
  received: number
  sent: number
  /** Messages that could not be sent. */
  failed: number
  /** Attempts at webhooks, and those of them that failed. */
  attempts: number
  failures: number
  /** How long requests to webhooks took, in milliseconds: half of them, and 95 of 100, no longer; absent without any. */
  p50Ms?: number
  p95Ms?: number
}

/** What happened in equal steps, oldest first, and in all. */
export interface Series {
  span: SeriesSpan
  /** Length of a step. */
  stepSeconds: number
  total: Figures
  /** One for every step, also where nothing happened; `at` is when it began, unix milliseconds. */
  points: (Figures & { at: number })[]
}

/** How many steps of what length. The last one is not over yet. */
const STEPS: Record<SeriesSpan, { seconds: Span; count: number }> = {
  hour: { seconds: 60, count: 60 },
  day: { seconds: 3600, count: 24 },
  week: { seconds: 3600, count: 7 * 24 },
}

/** What all users together did. What happened within the last seconds may be missing: it is written now and then. */
export function series(services: Services, { span }: { span: SeriesSpan }): Promise<Series> {
  return read(services, { span })
}

/** What the caller did. */
export function ownSeries({ user, services }: UserScope, { span }: { span: SeriesSpan }): Promise<Series> {
  return read(services, { span, userId: user.id })
}

/** What any user did. Throws `not_found`. */
export async function seriesOf(
  services: Services,
  { userId, span }: { userId: string; span: SeriesSpan },
): Promise<Series> {
  await existingUser(services, userId)
  return read(services, { span, userId })
}

async function read(
  { db }: Services,
  { span, userId }: { span: SeriesSpan; userId?: string },
  now = Date.now(),
): Promise<Series> {
  const { seconds, count } = STEPS[span]
  const stepMs = seconds * 1000
  const first = (Math.floor(now / stepMs) - count + 1) * stepMs
  const rows = await readActivity(db, { span: seconds, since: first, userId })
  const known = new Map(rows.map((row) => [row.at, row]))
  const total = noCounts()
  for (const row of rows) addCounts(total, row)
  return {
    span,
    stepSeconds: seconds,
    total: figuresOf(total),
    points: Array.from({ length: count }, (_, index) => {
      const at = first + index * stepMs
      return { at, ...figuresOf(known.get(at) ?? noCounts()) }
    }),
  }
}

function figuresOf({ received, sent, failed, accepted, refused, latencies }: Counts): Figures {
  return {
    received,
    sent,
    failed,
    attempts: accepted + refused,
    failures: refused,
    ...percentile(latencies, 0.5, 'p50Ms'),
    ...percentile(latencies, 0.95, 'p95Ms'),
  }
}

/** The time that a share of the requests did not exceed, as far as counts by time say: evenly spread between two bounds. */
function percentile(latencies: number[], share: number, name: 'p50Ms' | 'p95Ms'): Pick<Figures, typeof name> {
  const all = latencies.reduce((sum, count) => sum + count, 0)
  if (all === 0) return {}
  let left = share * all
  let lower = 0
  for (const [index, count] of latencies.entries()) {
    // Of what took longer than the last bound no more is known.
    const upper = LATENCY_BOUNDS[index] ?? lower
    if (left <= count) return { [name]: Math.round(lower + ((upper - lower) * left) / count) }
    left -= count
    lower = upper
  }
  return { [name]: lower }
}
