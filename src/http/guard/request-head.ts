import type { Request, RequestHandler } from 'express'
import { requestTarget } from '../../lib/text/request-target.ts'
import type { RequestHead } from '../endpoint/dialect.ts'

/**
 * Refuses requests whose target is none (RFC 9112, section 3.2), as a bad request. A fragment belongs to no target, and
 * readers disagree on whether the query ends before it: the router and whoever looks for tokens must read the same.
 */
export const readableTarget: RequestHandler = (request, _response, next) => {
  const { originalUrl: url } = request
  if (!url.includes('#') && requestTarget({ url })) next()
  else next(new URIError('the target of the request cannot be read'))
}

/** What may be known of a request before its body is read. */
export function requestHead(request: Request): RequestHead {
  return {
    method: request.method,
    path: request.path,
    params: pathParameters(request),
    query: queryParameters(request.originalUrl),
    header: (name) => firstHeader(request, name),
  }
}

/** The first value of every key, as Go's `Query().Get` answers. */
export function firstValues(query: RequestHead['query']): Record<string, string | undefined> {
  const entries = Object.entries(query)
  return Object.fromEntries(entries.map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]))
}

/** Express gives a list for a wildcard; the dialects have none, but a type is a promise. */
function pathParameters(request: Request): Record<string, string> {
  const entries = Object.entries(request.params)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) ? value.join('/') : value]),
  )
}

/** The query of a target: one value, or a list where a key is repeated. Nothing else reads a query. */
export function queryParameters(url: string): RequestHead['query'] {
  // Without a prototype, so that a key such as `constructor` is only ever what the caller sent.
  const query: RequestHead['query'] = Object.create(null)
  if (!url.includes('?')) return query
  for (const [key, value] of new URLSearchParams(requestTarget({ url })?.search)) {
    const present = query[key]
    if (present === undefined) query[key] = value
    else query[key] = [present, value].flat()
  }
  return query
}

/**
 * The first line of that name, where Node would join several with commas. Node reads header bytes as Latin-1, the
 * originals compare bytes: a token with an accent must equal the one that came in a JSON body.
 */
function firstHeader(request: Request, name: string): string | undefined {
  const value = request.headersDistinct[name.toLowerCase()]?.[0]
  return value === undefined ? undefined : Buffer.from(value, 'latin1').toString('utf8')
}
