/**
 * What the parts of a server tell about their work, so that they need not know who counts it. Each takes only the
 * members it uses; calls return at once and never throw. Nothing here names a person or a secret; `userId` is for who
 * counts by user, and never a label of a metric.
 */
export interface Instrumentation {
  /** A request was answered, or its caller went away. */
  requested(request: { dialect: string; operation: string; status: number; seconds: number }): void
  /** The sending of a message came to an end: `ok`, or the code of the error. */
  sent(result: string): void
  /** An attempt at a delivery; `lagMs` since its event was stored, `latencyMs` where a request was made. */
  attempted(attempt: {
    outcome: AttemptOutcome
    lagMs: number
    userId: string
    target: string
    latencyMs?: number
  }): void
  /** Keys of sessions were committed. */
  committed(commit: { rows: number; seconds: number }): void
}

/** `failed` is repeated later, `given_up` is not, `dropped` had nobody who wants it any more. */
export type AttemptOutcome = 'delivered' | 'failed' | 'given_up' | 'dropped'
