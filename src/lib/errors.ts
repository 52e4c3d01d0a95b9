/** Every failure a caller can act on: code -> default HTTP status and an English sentence. */
export const errorCatalogue = {
  unauthorized: { status: 401, text: 'unauthorized' },
  forbidden: { status: 403, text: 'forbidden' },
  not_found: { status: 404, text: 'not found' },
  conflict: { status: 409, text: 'conflict' },
  invalid_payload: { status: 400, text: 'could not decode Payload' },
  missing_field: { status: 400, text: 'missing field in Payload' },
  invalid_field: { status: 400, text: 'invalid field in Payload' },
  payload_too_large: { status: 413, text: 'request body is too large' },
  no_session: { status: 500, text: 'no session' },
  not_connected: { status: 500, text: 'not connected' },
  not_logged_in: { status: 500, text: 'not logged in' },
  already_connected: { status: 409, text: 'already connected' },
  already_logged_in: { status: 500, text: 'already logged in' },
  invalid_jid: { status: 400, text: 'could not parse Phone' },
  not_on_whatsapp: { status: 404, text: 'not on WhatsApp' },
  rate_limited: { status: 429, text: 'too many requests' },
  media_too_large: { status: 413, text: 'media is too large' },
  media_unavailable: { status: 400, text: 'media is unavailable' },
  upstream_refused: { status: 500, text: 'WhatsApp refused the request' },
  upstream_timeout: { status: 504, text: 'WhatsApp did not answer in time' },
  lease_lost: { status: 503, text: 'this session moved to another node' },
  unsupported: { status: 501, text: 'not supported' },
  database: { status: 500, text: 'database error' },
  internal: { status: 500, text: 'internal server error' },
} as const satisfies Record<string, { status: number; text: string }>

export type ErrorCode = keyof typeof errorCatalogue

/** A code of WhatsApp's, by the kind of answer that carried it. */
export type Refusal =
  | { by: 'iq'; code: number }
  | { by: 'graphql'; code: number | undefined }
  | { by: 'ack'; code: string }

/** What is known of a failure beside its code. */
export interface ErrorDetails {
  /** HTTP status when it differs from the catalogue's. */
  status?: number
  /** The sentence the caller reads, when it differs from the catalogue's. */
  text?: string
  /** The part of the work that failed, where an endpoint words each part's failures differently: `upload`. */
  stage?: string
  /** When trying again makes sense; the caller reads it in the header `Retry-After`. */
  retryAfterSeconds?: number
  /** A second, longer sentence, for dialects that give one. */
  explanation?: string
  /** What a dialect answers in place of the sentence. */
  members?: Record<string, unknown>
  /** What WhatsApp's own answer said. */
  refusal?: Refusal
}

/** A failure the caller can act on; everything else that is thrown is a bug and answered as `internal`. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(details.text ?? errorCatalogue[code].text, options)
    this.name = 'ApiError'
    this.code = code
    this.status = details.status ?? errorCatalogue[code].status
    this.details = details
  }
}
