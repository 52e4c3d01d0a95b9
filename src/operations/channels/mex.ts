import type { Json, JsonObject } from '../../events/event-parts.ts'
import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { textOf } from '../../whatsapp/wire/node.ts'
import { answered, ask, element } from '../ask.ts'

/** One of WhatsApp's stored GraphQL queries: its number and the member of `data` that holds the answer. */
export interface MexQuery {
  id: string
  path: string
}

/** Runs a stored GraphQL query. Throws `upstream_refused` with what the service says is wrong. */
export async function mex(session: LiveSession, query: MexQuery, variables: JsonObject): Promise<Json> {
  const content = element('query', { query_id: query.id }, Buffer.from(JSON.stringify({ variables })))
  const answer = await ask(session, { xmlns: 'w:mex', type: 'get' }, content)
  const { data, errors } = parsed(textOf(answered(answer, 'result')))
  if (Array.isArray(errors) && errors.length > 0) throw refused(errors)
  const found = isObject(data) ? data[query.path] : undefined
  if (found === undefined) throw new ApiError('upstream_refused', { text: 'unexpected answer from WhatsApp' })
  return found
}

/** The code of what the service says is wrong (404, 403, ...); undefined when it was something else. */
export function graphqlCode(error: unknown): number | undefined {
  const refusal = error instanceof ApiError ? error.details.refusal : undefined
  return refusal?.by === 'graphql' ? refusal.code : undefined
}

/** True for a JSON object; what a query answers may be anything. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): JsonObject {
  try {
    // JSON.parse yields nothing but JSON; members of what is not an object are undefined.
    return JSON.parse(text) as JsonObject
  } catch (cause) {
    throw new ApiError('upstream_refused', { text: 'unexpected answer from WhatsApp' }, { cause })
  }
}

function refused(errors: Json[]): ApiError {
  const sentences = errors.map((error) => (isObject(error) ? String(error.message) : String(error)))
  const [first] = errors
  const extensions = isObject(first) ? first.extensions : undefined
  const code = isObject(extensions) ? extensions.error_code : undefined
  return new ApiError('upstream_refused', {
    text: `graphql error: ${sentences.join(', ')}`,
    refusal: { by: 'graphql', code: Number(code) || undefined },
  })
}
