import { isDeepStrictEqual } from 'node:util'
import { ApiError, type ErrorDetails } from '../../lib/errors.ts'
import type { Endpoint } from './endpoint.ts'

/** Puts a failure into the endpoint's own words. What the caller did wrong keeps the sentence that tells so. */
export function wordFailure(error: unknown, failure: Endpoint['failure']): unknown {
  if (failure === undefined || !(error instanceof ApiError)) return error
  const wording = wordingFor(error, failure)
  return wording ? new ApiError(error.code, { ...error.details, ...wording }, { cause: error }) : error
}

function wordingFor(
  error: ApiError,
  failure: NonNullable<Endpoint['failure']>,
): Pick<ErrorDetails, 'text'> | undefined {
  const { stage } = error.details
  const byStage = typeof failure === 'object' && typeof stage === 'string' ? failure[stage] : undefined
  if (byStage === undefined && (error.status < 500 || error.code === 'no_session')) return undefined
  const template = byStage ?? (typeof failure === 'object' ? failure.other : failure)
  return template === undefined ? undefined : { text: template.replace('%s', () => error.message) }
}

/** A reply must parse as documented and must not hold members that the documentation does not mention. */
export function checkReply(endpoint: Endpoint, rendered: unknown, contentType: string): void {
  if (rendered instanceof Uint8Array) return
  const isFinished = endpoint.reply.bare && typeof rendered === 'string' && contentType.includes('json')
  const json = isFinished ? rendered : JSON.stringify(rendered)
  const printed: unknown = json === undefined ? undefined : JSON.parse(json)
  const parsed = endpoint.reply.schema.safeParse(printed)
  const route = `${endpoint.method} ${endpoint.path}`
  if (!parsed.success) throw new Error(`${route}: reply does not match its schema: ${parsed.error.message}`)
  if (!isDeepStrictEqual(parsed.data, printed))
    throw new Error(`${route}: reply has undocumented members: ${JSON.stringify(printed)}`)
}
