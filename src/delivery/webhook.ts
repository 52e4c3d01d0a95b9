import { type Agents, FetchError, safeFetch } from '../media/fetch/safe-fetch.ts'
import { type StreamedBody, UnreadableBodyError } from '../media/fetch/streamed-body.ts'
import type { Attempt } from '../store/delivery/attempts.ts'
import type { WebhookSecret } from '../store/delivery/webhook-secrets.ts'
import { describeMultipart, streamMultipart } from './multipart-body.ts'
import type { EncodedDelivery } from './renderer.ts'
import { webhookSignature } from './signature.ts'

/** What came of one attempt to deliver. */
export type Outcome = { kind: 'delivered'; status?: number; attempt?: Attempt } | Dropped | Failure

/** Why something is not delivered that was wanted when it was recorded. */
export type DropReason =
  | 'the user is gone'
  | 'the webhook is gone, or switched off'
  | 'the webhook no longer wants it'
  | 'its dialect has no word for it any more'
  | 'there is no message queue any more'
  | 'nobody reads standard output any more'

/** Nobody wants it any more. What nobody wanted from the beginning is not recorded at all. */
export interface Dropped {
  kind: 'dropped'
  reason: DropReason
}

/** The outcome of an attempt that was not made. */
export function dropped(reason: DropReason): Dropped {
  return { kind: 'dropped', reason }
}

export interface Failure {
  kind: 'failed'
  status?: number
  answer: string
  retryAfterMs?: number
  /** Asking again is useless. */
  isFinal: boolean
  /** The request, when one was made: otherwise the failure says nothing about the receiver. */
  attempt?: Attempt
  /** The receiver has another address by now, of which the failure says nothing. */
  isOutdated?: boolean
}

export interface WebhookRequest {
  url: string
  encoded: EncodedDelivery
  /** Stays the same over all attempts; sent as `webhook-id`. */
  id: string
  /** The keys of Standard Webhooks, where the receiver has some. */
  secret?: WebhookSecret
}

export interface WebhookOptions {
  /** The connections to use; a FetchError it throws is the outcome of the attempt. */
  agents: () => Agents
  /** For everything; for a form with a file, without progress, and longer as a whole. */
  timeoutMs: number
  signal: AbortSignal
}

// Far more than is kept of an answer: a secret at the end of what is kept must be there as a whole to be recognised, and
// escapes make it many times as long.
const ANSWER_BYTES = 16_000
/** The slowest receivers that are waited for take 64 KB a second: 100 MB in 27 minutes. */
const SLOWEST_BYTES_PER_MS = 64
/** What Linux keeps for one connection at most, unless it is told otherwise (`tcp_wmem`). */
const BUFFERED_BYTES = 4 * 1024 * 1024

/** Makes one attempt. Throws only when `signal` ends it, because then nobody knows what became of it. */
export async function postWebhook(request: WebhookRequest, options: WebhookOptions): Promise<Outcome> {
  const at = Date.now()
  const startedAt = performance.now()
  const { body: encoded, headers } = request.encoded
  const body = typeof encoded === 'string' ? encoded : streamMultipart(encoded)
  const attempt = { at, request: typeof encoded === 'string' ? encoded : describeMultipart(encoded) }
  try {
    const answer = await safeFetch(request.url, {
      method: 'POST',
      body,
      headers: { 'user-agent': 'Parley', ...headers, ...(await standardHeaders(request, body, at)) },
      ...options,
      ...(typeof body === 'string' ? {} : uploadLimits(body.sizeBytes, options.timeoutMs)),
      agents: options.agents(),
      maxBytes: ANSWER_BYTES,
      overflow: 'truncate',
    })
    const { status } = answer
    const text = answer.body.toString('utf8')
    return {
      ...classify(status, text, answer.headers['retry-after']),
      attempt: { ...attempt, latencyMs: Math.round(performance.now() - startedAt), status, answer: text },
    }
  } catch (error) {
    // Nothing is known of the receiver; the file is fetched again for the next attempt.
    if (error instanceof UnreadableBodyError) return { kind: 'failed', answer: String(error), isFinal: false }
    if (error instanceof FetchError ? error.reason === 'aborted' : options.signal.aborted) throw error
    const answer = error instanceof FetchError ? error.message : String(error)
    // An address that can never work still gets its retries: the owner may correct the webhook meanwhile.
    return {
      kind: 'failed',
      answer,
      isFinal: false,
      attempt: { ...attempt, latencyMs: Math.round(performance.now() - startedAt), answer },
    }
  }
}

/**
 * How long a large body may take: as long as the receiver takes some of it now and then, at the slowest rate all in all.
 * What is in the buffers of both systems counts as sent here, so that much may still have to arrive when nothing moves.
 */
function uploadLimits(sizeBytes: number, timeoutMs: number): { timeoutMs: number; stallMs: number } {
  const slowestMs = (bytes: number) => Math.ceil(bytes / SLOWEST_BYTES_PER_MS)
  return {
    timeoutMs: timeoutMs + slowestMs(sizeBytes),
    stallMs: timeoutMs + slowestMs(Math.min(sizeBytes, BUFFERED_BYTES)),
  }
}

/** The timestamp is that of the attempt: receivers refuse what is older than some minutes as a replay. */
async function standardHeaders(
  { id, secret }: WebhookRequest,
  body: string | StreamedBody,
  at: number,
): Promise<Record<string, string>> {
  const timestamp = Math.floor(at / 1_000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(secret && { 'webhook-signature': await webhookSignature({ id, timestamp, body }, secret) }),
  }
}

/** Only 2xx is success, and 410 Gone means that asking again is useless. */
function classify(
  status: number,
  answer: string,
  retryAfter: string | undefined,
): Outcome & { kind: 'delivered' | 'failed' } {
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  return {
    kind: 'failed',
    status,
    answer,
    retryAfterMs: parseRetryAfter(retryAfter),
    isFinal: status === 410,
  }
}

/** `Retry-After` in either form of RFC 9110 (seconds, or a date) as milliseconds from `now`. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (!header) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
