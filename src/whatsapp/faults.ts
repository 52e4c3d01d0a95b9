import { ApiError } from '../lib/errors.ts'

/** What the library attaches to its errors (Boom). */
interface LibraryError extends Error {
  data?: unknown
  output?: { statusCode?: number }
}

/** The status a socket closed with; 500 when the library gave none. */
export function closeCode(error: unknown): number {
  return (error as LibraryError | undefined)?.output?.statusCode ?? 500
}

/** `<failure>` attributes or the numeric code of an `<iq type="error">`, where the library kept them. */
export function failureData(error: unknown): unknown {
  return (error as LibraryError | undefined)?.data
}

/** Turns a failure of the library into an ApiError; an ApiError passes through, a bug keeps its stack as the cause. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { message } = error instanceof Error ? error : { message: String(error) }
  const code = failureData(error)
  if (typeof code === 'number') {
    return new ApiError('upstream_refused', { text: `info query returned status ${code}: ${message}`, iqError: code }, { cause: error })
  }
  if (closeCode(error) === 428) {
    return new ApiError('not_connected', { text: 'websocket not connected' }, { cause: error })
  }
  if (closeCode(error) === 408) {
    return new ApiError('upstream_timeout', { text: 'info query timed out' }, { cause: error })
  }
  return new ApiError('upstream_refused', { text: message }, { cause: error })
}
