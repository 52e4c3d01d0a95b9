import { ApiError } from '../../lib/errors.ts'
import { withTimeout } from '../../lib/flow/with-timeout.ts'
import { toApiError } from '../library/faults.ts'

/** WhatsApp answers within a second or two; the library would wait three times as long. */
const ANSWER_MS = 10_000

/**
 * The answer to a question that a message waits for; without one the library goes on waiting, for nobody. Throws
 * `upstream_timeout`, which says what was asked for, and as `toApiError` says when WhatsApp refuses.
 */
export function answered<Answer>(
  what: string,
  answer: Promise<Answer>,
  withinMs = ANSWER_MS,
): Promise<Answer> {
  const tooLate = () =>
    new ApiError('upstream_timeout', { text: `failed to get ${what}: info query timed out` })
  return withTimeout(answer, withinMs, tooLate).catch((error: unknown) => {
    throw toApiError(error)
  })
}
