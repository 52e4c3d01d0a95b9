import { type Agents, FetchError, safeFetch } from '../media/safe-fetch.ts'
import type { EncodedDelivery } from './renderer.ts'

/** What came of one attempt to deliver. */
export type Outcome =
  | { kind: 'delivered'; status?: number }
  /** Nobody wants it any more: the webhook was removed, or the dialect has no word for the event. */
  | { kind: 'dropped' }
  | { kind: 'failed'; status?: number; answer: string; retryAfterMs?: number; isFinal: boolean }

export interface WebhookRequest {
  url: string
  encoded: EncodedDelivery
  /** Stays the same over all attempts; sent as `webhook-id`. */
  id: string
  /** When the event was recorded, in milliseconds; sent in seconds as `webhook-timestamp`. */
  at: number
}

export interface WebhookOptions {
  /** The connections to use; a FetchError it throws is the outcome of the attempt. */
  agents: () => Agents
  timeoutMs: number
  signal: AbortSignal
}

// What is kept of an answer: enough for an error page's title, too little to fill the database.
const ANSWER_BYTES = 1_000

/** Makes one attempt. Throws only when `signal` ends it, because then nobody knows what became of it. */
export async function postWebhook(request: WebhookRequest, options: WebhookOptions): Promise<Outcome> {
  try {
    const answer = await safeFetch(request.url, {
      method: 'POST',
      body: request.encoded.body,
      headers: {
        'user-agent': 'Parley',
        ...request.encoded.headers,
        'webhook-id': request.id,
        'webhook-timestamp': String(Math.floor(request.at / 1_000)),
      },
      ...options,
      agents: options.agents(),
      maxBytes: ANSWER_BYTES,
      overflow: 'truncate',
    })
    return classify(answer.status, answer.body.toString('utf8'), answer.headers['retry-after'])
  } catch (error) {
    if (!(error instanceof FetchError) || error.reason === 'aborted') throw error
    // An address that can never work still gets its retries: the owner may correct the webhook meanwhile.
    return { kind: 'failed', answer: error.message, isFinal: false }
  }
}

/** Only 2xx is success, and 410 Gone means that asking again is useless. */
function classify(status: number, answer: string, retryAfter: string | undefined): Outcome {
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
