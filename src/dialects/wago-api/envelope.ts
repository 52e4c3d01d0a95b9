import type { ApiError } from '../../lib/errors.ts'

/** A success: `{"success":true,…}` with the members of the answer beside it. */
export function ok(members: unknown): object {
  return { success: true, ...(members as object) }
}

/** A failure: `{"success":false,"error":"…"}`, or what `details.members` says in place of the error. */
export function fail(error: ApiError): { status: number; body: object } {
  const { members } = error.details
  if (members) return { status: error.status, body: { success: false, ...members } }
  const { status, text } = wording(error)
  return { status, body: { success: false, error: text } }
}

/** Sessions that cannot be used are not found: 404 with a word for programs. */
function wording(error: ApiError): { status: number; text: string } {
  switch (error.code) {
    case 'no_session':
    case 'not_connected':
    case 'not_logged_in':
      return { status: 404, text: 'session_not_connected' }
    case 'invalid_payload':
      return { status: error.status, text: error.details.text ?? 'Invalid request body' }
    case 'media_unavailable':
      // In a stage of sending it is the caller's file that cannot be used; else one that WhatsApp does not give out.
      return { status: error.details.stage === undefined ? error.status : 400, text: error.message }
    default:
      return { status: error.status, text: error.message }
  }
}

/** JSON Schema of both envelopes, for the documentation. */
export const envelopeSchemas = {
  ok: (data: object): object => withSuccess(data),
  fail: {
    type: 'object',
    properties: { success: { const: false }, error: { type: 'string' }, message: { type: 'string' } },
    required: ['success'],
  },
}

/** A schema of members with `success` among them; alternatives get it each, for they may allow no others. */
function withSuccess(data: object): object {
  const {
    anyOf,
    properties = {},
    required = [],
  } = data as {
    anyOf?: object[]
    properties?: object
    required?: string[]
  }
  if (anyOf) return { ...data, anyOf: anyOf.map(withSuccess) }
  return {
    type: 'object',
    ...data,
    properties: { success: { const: true }, ...properties },
    required: ['success', ...required],
  }
}
