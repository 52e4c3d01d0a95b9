import { insertChunked, type Queryable, type Transaction } from '../database/database.ts'

/** One request to a receiver and what it answered, without secrets. */
export interface Attempt {
  /** When it was sent, in milliseconds. */
  at: number
  latencyMs: number
  /** HTTP status, absent when there was no answer. */
  status?: number
  /** Beginning of the body that was sent. */
  request: string
  /** Beginning of the answer, or why there was none. */
  answer: string
}

interface AttemptRow {
  id: number
  delivery_seq: number
  at: number
  latency_ms: number
  status: number | null
  request: string
  answer: string
}

// A delivery that was made again and again: the newest attempts tell what is the matter.
const MOST_SHOWN = 50

/** Stores what was attempted, with the numbers of the deliveries. */
export function insertAttempts(trx: Transaction, attempts: (Attempt & { seq: number })[]): Promise<void> {
  const rows = attempts.map(({ seq, at, latencyMs, status, request, answer }) => ({
    delivery_seq: seq,
    at,
    latency_ms: latencyMs,
    status: status ?? null,
    request,
    answer,
  }))
  return insertChunked(trx, 'attempts', rows)
}

/** The newest attempts at a delivery, oldest first. */
export async function listAttempts(db: Queryable, seq: number): Promise<Attempt[]> {
  const rows = await db<AttemptRow>('attempts')
    .where('delivery_seq', seq)
    .orderBy('id', 'desc')
    .limit(MOST_SHOWN)
  return rows.reverse().map((row) => ({
    at: row.at,
    latencyMs: row.latency_ms,
    status: row.status ?? undefined,
    request: row.request,
    answer: row.answer,
  }))
}
