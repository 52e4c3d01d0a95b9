import { goStringifySorted } from './stringify.ts'

/** A success: `{"code":200,"data":…,"success":true}`. */
export function ok(data: unknown, status: number): object {
  return { code: status, data, success: true }
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
