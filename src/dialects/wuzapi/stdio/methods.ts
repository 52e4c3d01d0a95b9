import type { InnerRequest } from '../../../http/endpoint/dialect.ts'
import type { Endpoint } from '../../../http/endpoint/endpoint.ts'
import { ownMember } from '../../../lib/own-member.ts'

/** The members of a request beside its method. */
export type Params = Record<string, unknown>

/** A parameter is missing or cannot be passed on; the message is the answer. */
export class ParameterError extends Error {}

/** Where the rule does not give the name that the original has. */
const NAMES: Record<string, string> = {
  'get /admin/users': 'admin.users.list',
  'post /admin/users': 'admin.users.add',
  'put /admin/users/{id}': 'admin.users.edit',
  'delete /admin/users/{id}/full': 'admin.users.delete.full',
  'get /session/history': 'session.history',
  'post /session/history': 'session.history.set',
  'post /webhook': 'webhook.set',
}

/** What follows the words of a path that answers several verbs. */
const VERBS: Record<Endpoint['method'], string> = {
  get: '.get',
  post: '',
  put: '.update',
  patch: '.patch',
  delete: '.delete',
}

/** Parameters of a path that have another name here. */
const PATH_NAMES: Record<string, string> = { id: 'userId' }

/** What the original looks for before it asks the route. */
const REQUIRED: Record<string, string[]> = { 'chat.history': ['chat_jid'] }

/**
 * Method -> route. A method is the path in words (`/chat/send/text` is `chat.send.text`), with the verb behind it where
 * several share a path, unless `NAMES` says otherwise: a new route has its method by itself.
 */
export function methodsOf(endpoints: readonly Endpoint[]): Map<string, Endpoint> {
  const verbs = new Map<string, number>()
  for (const { path } of endpoints) verbs.set(wordsOf(path), (verbs.get(wordsOf(path)) ?? 0) + 1)
  return new Map(
    endpoints.map((endpoint) => {
      const words = wordsOf(endpoint.path)
      const byRule = words + ((verbs.get(words) ?? 0) > 1 ? VERBS[endpoint.method] : '')
      return [ownMember(NAMES, `${endpoint.method} ${endpoint.path}`) ?? byRule, endpoint]
    }),
  )
}

/** `/chat/downloadimage` is two words in the original. */
function wordsOf(path: string): string {
  const words = path.split('/').filter((word) => word !== '' && !word.startsWith('{'))
  return words.map((word) => word.replace(/^download(?=.)/, 'download.')).join('.')
}

/** The request that a method with its parameters stands for; throws ParameterError. */
export function requestOf(method: string, endpoint: Endpoint, params: Params): InnerRequest {
  // The token of an administrator is no part of what is asked; `token` may be that of a user to be added.
  const { adminToken, ...asked } = params
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    inPath(textIn(params, ownMember(PATH_NAMES, name) ?? name)),
  )
  const query = queryOf(endpoint, params, ownMember(REQUIRED, method) ?? [])
  const hasBody = Object.keys(params).length > 0 && (endpoint.body !== undefined || endpoint.method !== 'get')
  return {
    method: endpoint.method,
    path: query === '' ? path : `${path}?${query}`,
    headers: { ...header('token', params.token), ...header('authorization', adminToken) },
    ...(hasBody && { body: printed(asked) }),
  }
}

/** Half a character has no place in an address. */
function inPath(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    throw new ParameterError('invalid JSON request: it holds half a character')
  }
}

/** Node reads JSON of any depth, and writes some thousand levels: far more than any request has. */
function printed(asked: Params): string {
  try {
    return JSON.stringify(asked)
  } catch (error) {
    if (error instanceof RangeError) throw new ParameterError('invalid JSON request: it is nested too deeply')
    throw error
  }
}

function textIn(params: Params, name: string): string {
  const value = ownMember(params, name)
  if (typeof value !== 'string' || value === '') throw missing(name)
  return value
}

/** What the route reads from the query stands among the other parameters, in whatever letter case. */
function queryOf({ query }: Endpoint, params: Params, required: string[]): string {
  const names = query !== undefined && 'shape' in query ? Object.keys(Object(query.shape)) : []
  const found = new URLSearchParams()
  for (const name of names) {
    const same = Object.keys(params).find((key) => key.toLowerCase() === name.toLowerCase())
    const value = ownMember(params, name) ?? (same === undefined ? undefined : params[same])
    if (required.includes(name)) textIn(params, name)
    if (value === undefined || value === null) continue
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw missing(name)
    found.set(name, String(value))
  }
  return found.toString()
}

/** A header with a token; HTTP has bytes where the token may have any letter. */
function header(name: string, value: unknown): Record<string, string> {
  if (typeof value !== 'string') return {}
  // What no header can have is nobody's token.
  if (/\p{Cc}/u.test(value)) throw missing(name === 'token' ? 'token' : 'adminToken')
  return { [name]: Buffer.from(value, 'utf8').toString('latin1') }
}

function missing(name: string): ParameterError {
  return new ParameterError(`missing or invalid ${name} parameter`)
}
