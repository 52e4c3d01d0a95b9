import type { ApiError, ErrorCode } from '../../lib/errors.ts'

/** What the original's few statuses do not say by themselves. */
const WORDINGS: { [Code in ErrorCode]?: { status: number; text?: string } } = {
  invalid_payload: { status: 400, text: 'invalid JSON body' },
  no_session: { status: 503, text: 'not connected to WhatsApp' },
  not_connected: { status: 503 },
  not_logged_in: { status: 503 },
  lease_lost: { status: 503 },
  upstream_timeout: { status: 503 },
  already_logged_in: { status: 404, text: 'already linked to a phone' },
  not_on_whatsapp: { status: 400 },
  media_unavailable: { status: 400 },
}

/** A failure: `{"error":"…"}`, and beside it what an operation says for programs. */
export function fail(error: ApiError): { status: number; body: { error: string } } {
  const { status = statusOf(error), text } = WORDINGS[error.code] ?? {}
  return { status, body: { error: error.details.text ?? text ?? error.message, ...error.details.members } }
}

/** Of the server's failures the document knows refusals (500) and a connection that is missing (503). */
function statusOf({ status }: ApiError): number {
  return status === 503 ? status : Math.min(status, 500)
}

/** JSON Schema of answers, which have no envelope, and of failures. */
export const envelopeSchemas = {
  ok: (data: object): object => data,
  fail: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
}
