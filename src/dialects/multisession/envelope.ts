import type { ZodType } from 'zod'
import { z } from 'zod'
import { type Reply, type ReplyContext, reply } from '../../http/endpoint/endpoint.ts'
import type { ApiError, ErrorCode } from '../../lib/errors.ts'

/** The answer of an endpoint: a sentence, and what was found. */
export function answer<Result>(
  message: string,
  schema: ZodType,
  render: (result: Result, context: ReplyContext) => unknown,
  options: { status?: number } = {},
): Reply<Result> {
  const shape = z.object({ message: z.string(), data: schema })
  return reply<Result>(shape, (result, context) => ({ message, data: render(result, context) }), options)
}

/** The answer of an endpoint that has nothing to tell but a sentence. */
export function done(message: string): Reply<unknown> {
  return reply(z.object({ message: z.string() }), () => ({ message }))
}

/** A success: `{"status":true,"code":200,"message":"…","data":{…}}`. */
export function ok(answered: unknown, status: number): object {
  return { status: true, code: status, ...(answered as object) }
}

/** Where the document's words or statuses differ from the catalogue's. */
const WORDINGS: { [Code in ErrorCode]?: { status?: number; text?: string } } = {
  invalid_payload: { text: 'Failed parse body request' },
  payload_too_large: { text: 'Request Entity Too Large' },
  rate_limited: { text: 'Too many requests' },
  no_session: { text: 'WhatsApp Client is not Valid' },
  not_connected: { status: 500, text: 'WhatsApp Client is not Connected' },
  not_logged_in: { status: 500, text: 'WhatsApp Client is not Logged In' },
  not_on_whatsapp: { status: 500, text: 'WhatsApp Personal ID is Not Registered' },
  upstream_timeout: { status: 500 },
}

/** These are said in the document's words, unless the operation explains them. */
const FIXED: ErrorCode[] = [
  'no_session',
  'not_connected',
  'not_logged_in',
  'not_on_whatsapp',
  'payload_too_large',
  'rate_limited',
]

/** A failure: `{"status":false,"code":400,"message":"…","error":"…"}`, the sentence twice. */
export function fail(error: ApiError): { status: number; body: object } {
  const { status = error.status, text } = WORDINGS[error.code] ?? {}
  const own = FIXED.includes(error.code) ? error.details.explanation : error.details.text
  const sentence = own ?? text ?? error.message
  return { status, body: { status: false, code: status, message: sentence, error: sentence } }
}

/** JSON Schema of both envelopes, for the documentation. */
export const envelopeSchemas = {
  ok: (data: object): object => {
    const { properties = {}, required = [] } = data as { properties?: object; required?: string[] }
    return {
      type: 'object',
      properties: { status: { const: true }, code: { type: 'integer' }, ...properties },
      required: ['status', 'code', ...required],
    }
  },
  fail: {
    type: 'object',
    properties: {
      status: { const: false },
      code: { type: 'integer' },
      message: { type: 'string' },
      error: { type: 'string' },
    },
    required: ['status', 'code', 'message', 'error'],
  },
}

/** Headers of every answer, as the original's security middleware sends them. */
export const headers = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-XSS-Protection': '1; mode=block',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Permitted-Cross-Domain-Policies': 'none',
}
