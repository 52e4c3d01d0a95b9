import type { core, ZodType } from 'zod'
import { ApiError } from '../../lib/errors.ts'
import { type CheckSizes, compileSizes } from '../body/sizes.ts'
import type { Endpoint, Parts } from './endpoint.ts'
import { compileFold } from './go-json.ts'

/** What arrived, before any schema has seen it. */
export interface RawParts {
  params: Record<string, string>
  /** First value of each key. */
  query: Record<string, string | undefined>
  /** Called only when the endpoint declares a body, and only after path and query were accepted. */
  body(): Promise<unknown>
  /** Looks at the accepted path before the body is read; may throw. */
  accepted?(params: unknown): void | Promise<void>
}

/** Turns a request into what an endpoint declares; throws the first problem as an `ApiError`. */
export type Decode = (raw: RawParts) => Promise<Parts<unknown, unknown, unknown>>

/** Compiles an endpoint's schemas, once, when it is mounted. */
export function compileDecode(endpoint: Endpoint): Decode {
  const decodeBody = endpoint.body === undefined ? undefined : compileBody(endpoint.body, endpoint)
  const decodeParams = compileText(endpoint.params)
  const decodeQuery = compileText(endpoint.query)
  return async (raw) => {
    const params = decodeParams(raw.params)
    const query = decodeQuery(raw.query)
    await raw.accepted?.(params)
    return { params, query, body: decodeBody === undefined ? undefined : await decodeBody(raw.body) }
  }
}

function compileBody(
  schema: ZodType,
  { undecodable: sentence, ignoresUndecodable }: Pick<Endpoint, 'undecodable' | 'ignoresUndecodable'>,
) {
  const fold = compileFold(schema)
  const checkSizes = compileSizes(schema)

  return async (read: () => Promise<unknown>): Promise<unknown> => {
    const json = await read().catch((error) => {
      if (!isUndecodable(error)) throw error
      if (ignoresUndecodable) return {}
      throw undecodable(error)
    })
    const folded = json === null ? {} : fold(json)
    checkSizes(folded)
    const result = schema.safeParse(folded)
    if (result.success) return result.data
    const { issues } = result.error
    if (issues.some((issue) => isWrongType(issue, folded))) {
      const empty = ignoresUndecodable ? schema.safeParse({}) : undefined
      if (empty?.success) return empty.data
      throw undecodable(result.error)
    }
    throw fieldProblem(issues[0], folded)
  }

  function undecodable(cause: unknown): ApiError {
    return new ApiError('invalid_payload', { text: sentence }, { cause })
  }
}

/** Path and query are always text, so whatever is wrong with them is a matter of one field. */
function compileText(schema: ZodType | undefined): (values: object) => unknown {
  if (schema === undefined) return () => undefined
  const checkSizes: CheckSizes = compileSizes(schema)

  return (values) => {
    checkSizes(values)
    const result = schema.safeParse(values)
    if (result.success) return result.data
    throw fieldProblem(result.error.issues[0], values)
  }
}

function isUndecodable(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'invalid_payload' && error.details.text === undefined
}

/** A Go decoder refuses these before any check of the server itself runs. What is absent is missing, not wrong. */
function isWrongType(issue: core.$ZodIssue, input: unknown): boolean {
  switch (issue.code) {
    case 'custom':
      return issue.params?.undecodable === true
    case 'too_big':
    case 'too_small':
      // Zod's answer to a whole number beyond 2^53.
      return 'note' in issue
    case 'invalid_value':
      // A string that is not among the allowed ones is the right type.
      return !['string', 'undefined'].includes(typeof valueAt(input, issue.path))
    case 'invalid_type':
    case 'invalid_union':
      return issue.path.length === 0 || valueAt(input, issue.path) !== undefined
    default:
      return false
  }
}

function fieldProblem(issue: core.$ZodIssue | undefined, input: unknown): ApiError {
  const missing = issue !== undefined && valueAt(input, issue.path) === undefined
  return new ApiError(missing ? 'missing_field' : 'invalid_field', { text: issue?.message })
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}
