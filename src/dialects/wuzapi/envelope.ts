import type { ApiError } from '../../lib/errors.ts'
import { wording } from './wording.ts'

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
