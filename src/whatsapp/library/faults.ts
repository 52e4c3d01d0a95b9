import { ApiError } from '../../lib/errors.ts'
import { isDatabaseError } from '../../store/database/clients.ts'
import type { Input } from '../session/machine.ts'

/** What the library attaches to its errors (Boom). */
interface LibraryError extends Error {
  data?: unknown
  output?: { statusCode?: number }
}

/** The status a socket closed with; 500 when the library gave none. */
function closeCode(error: unknown): number {
  return (error as LibraryError | undefined)?.output?.statusCode ?? 500
}

/** The attributes of the `<failure>` stanza that ended a connection, where the library kept them. */
function failureAttributes(error: unknown): Record<string, string> | undefined {
  const data = (error as LibraryError | undefined)?.data
  // The library puts either the attributes or a whole node here.
  return typeof data === 'object' && data !== null && 'reason' in data
    ? (data as Record<string, string>)
    : undefined
}

/** What the end of a connection means for the session's state machine. */
export function closedInput(error: unknown): Extract<Input, { type: 'closed' }> {
  return {
    type: 'closed',
    code: closeCode(error),
    qrExhausted: error instanceof Error && error.message === 'QR refs attempts ended',
    failure: failureAttributes(error),
    ...(error instanceof Error && { error: error.message }),
  }
}

/** Refusals that say nothing of what was asked for: too slow, not connected, too often. */
const TEMPORARY = [408, 428, 429]

/** Whether WhatsApp failed to answer the library rather than refused: the same may succeed later. */
export function isTemporary(error: unknown): boolean {
  const { data, output } = (error ?? {}) as Partial<LibraryError>
  // An answer that never came is an empty one to the library: its error has no code of WhatsApp's, and its own is 500.
  const code = typeof data === 'number' ? data : output?.statusCode
  return code !== undefined && (code >= 500 || TEMPORARY.includes(code))
}

/** Turns a failure of the library into an ApiError; an ApiError passes through, a bug keeps its stack as the cause. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isDatabaseError(error)) return new ApiError('internal', {}, { cause: error })
  const { message } = error instanceof Error ? error : { message: String(error) }
  const code = (error as LibraryError | undefined)?.data
  if (typeof code === 'number') {
    return new ApiError(
      'upstream_refused',
      { text: `info query returned status ${code}: ${message}`, refusal: { by: 'iq', code } },
      { cause: error },
    )
  }
  if (closeCode(error) === 428) {
    return new ApiError('not_connected', { text: 'websocket not connected' }, { cause: error })
  }
  if (closeCode(error) === 408) {
    return new ApiError('upstream_timeout', { text: 'info query timed out' }, { cause: error })
  }
  return new ApiError('upstream_refused', { text: message }, { cause: error })
}

/** Whether something failed because another node may have the session. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'lease_lost'
}
