import { ApiError } from '../../../lib/errors.ts'
import type { UserScope } from '../../../operations/services.ts'
import { keepName } from '../../shared/keep-name.ts'

/** What went wrong with the file of a call -> the status that wuzapi's branch with calls has for it. */
const FILE_STATUSES: Record<string, number> = { fetch: 502, decode: 422, file: 500 }

/** An operation on a call with the statuses of that branch. */
export function asCall<Input, Result>(
  operation: (scope: UserScope, input: Input) => Result | Promise<Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  return keepName(operation, async (scope: UserScope, input: Input) => {
    try {
      return await operation(scope, input)
    } catch (cause) {
      throw cause instanceof ApiError ? worded(cause, isElsewhere(scope, cause, input)) : cause
    }
  })
}

function worded(error: ApiError, belongsToAnother: boolean): ApiError {
  if (belongsToAnother) return withStatus(error, 403, 'call belongs to another user')
  const { stage = '' } = error.details
  if (error.code === 'media_unavailable') return withStatus(error, FILE_STATUSES[stage] ?? 422)
  if (error.code === 'media_too_large') return withStatus(error, 422)
  if (error.code === 'conflict') return withStatus(error, 500)
  return error
}

/** A call that is none of the user's may be somebody else's, which the branch tells apart. */
function isElsewhere({ services }: UserScope, { code }: ApiError, input: unknown): boolean {
  const id = typeof input === 'string' ? input : (input as { id?: unknown }).id
  return code === 'not_found' && typeof id === 'string' && services.sessions.hasCall(id)
}

/** The same failure with another status. */
export function withStatus(cause: ApiError, status: number, text = cause.message): ApiError {
  return new ApiError(cause.code, { ...cause.details, status, text }, { cause })
}
