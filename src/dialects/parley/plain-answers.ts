import type { Dialect } from '../../http/endpoint/dialect.ts'

/** Answers without an envelope, as everything has them that is ours alone. */
export const plainAnswers = {
  ok: (data) => data,
  fail: (error) => ({ status: error.status, body: { error: error.message } }),
  envelope: {
    ok: (data) => data,
    fail: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
  },
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json',
} satisfies Partial<Dialect>
