import type { ApiError } from '../../lib/errors.ts'
import { goStringifySorted } from './go/stringify.ts'
import { wording } from './wording.ts'

/** A success: `{"code":200,"data":…,"success":true}`. */
export function ok(data: unknown, status: number): object {
  return { code: status, data, success: true }
}

/** A failure: `{"code":400,"error":"…","success":false}`, with `details` where an admin route explains it. */
export function fail(error: ApiError, context: { profile: string }): { status: number; body: object } {
  const { status, text } = wording(error, context.profile)
  const { explanation } = error.details
  return {
    status,
    body: {
      code: status,
      error: text,
      success: false,
      ...(explanation === undefined ? {} : { details: explanation }),
    },
  }
}

/** JSON Schema of both envelopes, for the documentation. */
export const envelopeSchemas = {
  ok: (data: object): object => ({
    type: 'object',
    properties: { code: { type: 'integer' }, data, success: { const: true } },
    required: ['code', 'data', 'success'],
  }),
  fail: {
    type: 'object',
    properties: {
      code: { type: 'integer' },
      details: { type: 'string' },
      error: { type: 'string' },
      success: { const: false },
    },
    required: ['code', 'error', 'success'],
  },
}

/** A body as the original server prints it: every answer went through a generic Go map, and a line feed ends it. */
export function goJson(body: unknown): string {
  return `${goStringifySorted(body)}\n`
}
