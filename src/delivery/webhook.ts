import { type Agents, FetchError, safeFetch } from '../media/fetch/safe-fetch.ts'
import type { Attempt } from '../store/delivery/attempts.ts'
import type { WebhookSecret } from '../store/delivery/webhook-secrets.ts'
import type { EncodedDelivery } from './renderer.ts'
import { webhookSignature } from './signature.ts'

/** What came of one attempt to deliver. */
export type Outcome =
  | { kind: 'delivered'; status?: number; attempt?: Attempt }
  /** Nobody wants it any more: the webhook was removed, or the dialect has no word for the event. */
  | { kind: 'dropped' }
  | Failure

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
  timeoutMs: number
  signal: AbortSignal
}

// Far more than is kept of an answer: a secret at the end of what is kept must be there as a whole to be recognised, and
// escapes make it many times as long.
const ANSWER_BYTES = 16_000

/** Makes one attempt. Throws only when `signal` ends it, because then nobody knows what became of it. */
export async function postWebhook(request: WebhookRequest, options: WebhookOptions): Promise<Outcome> {
  const at = Date.now()
  const startedAt = performance.now()
  const { body } = request.encoded
  const attempt = { at, request: body }
  try {
    const answer = await safeFetch(request.url, {
      method: 'POST',
      body,
      headers: { 'user-agent': 'Parley', ...request.encoded.headers, ...standardHeaders(request, at) },
      ...options,
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

/** The timestamp is that of the attempt: receivers refuse what is older than some minutes as a replay. */
function standardHeaders({ id, encoded, secret }: WebhookRequest, at: number): Record<string, string> {
  const timestamp = Math.floor(at / 1_000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(secret && { 'webhook-signature': webhookSignature({ id, timestamp, body: encoded.body }, secret) }),
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
