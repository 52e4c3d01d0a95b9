import type { ApiError, ErrorCode } from '../../lib/errors.ts'

/** Where the document's words or statuses differ from the catalogue's. */
const WORDINGS: { [Code in ErrorCode]?: { status?: number; text?: string } } = {
  unauthorized: { text: 'invalid token' },
  invalid_payload: { text: 'could not decode payload' },
  missing_field: { text: 'missing field in payload' },
  invalid_field: { text: 'invalid field in payload' },
  already_connected: { status: 500, text: 'Already Connected' },
  conflict: { status: 500 },
  // Whatever goes wrong between the server and WhatsApp is a 500.
  not_on_whatsapp: { status: 500 },
  upstream_timeout: { status: 500 },
}

/** What the document says of a session that can do nothing yet, whatever else is known of it. */
const SENTENCES: { [Code in ErrorCode]?: string } = {
  no_session: 'No session',
  not_logged_in: 'not logged in',
}

/** A failure: `{"code":400,"error":"missing CallID in payload","success":false}`. */
export function fail(error: ApiError): { status: number; body: object } {
  const { status = error.status, text } = WORDINGS[error.code] ?? {}
  const sentence = SENTENCES[error.code] ?? error.details.text ?? text ?? error.message
  return { status, body: { code: status, error: sentence, success: false } }
}
