import compression from 'compression'
import type { RequestHandler } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../../operations/services.ts'
import { send } from '../endpoint/answer.ts'
import type { Dialect } from '../endpoint/dialect.ts'
import { sourceOf } from './source-address.ts'
import { TokenBuckets } from './token-buckets.ts'

/** What a caller's own request id may be: it is written to the log and sent back. */
const SANE_ID = /^[\w.:-]{1,128}$/

/** How long a browser may remember what it is allowed to send. */
const PREFLIGHT_SECONDS = 86_400

/** What a dialect does with every request before it looks for the endpoint. */
export function dialectMiddleware(dialect: Dialect, services: Services): RequestHandler[] {
  return [
    ...(dialect.compresses ? [compression()] : []),
    ...(dialect.headers ? [withHeaders(dialect.headers)] : []),
    ...(dialect.tracesRequests ? [traced] : []),
    ...(dialect.cors ? [crossOrigin(dialect)] : []),
    ...limited(dialect, services),
  ]
}

function withHeaders(headers: Readonly<Record<string, string>>): RequestHandler {
  return (_request, response, next) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    next()
  }
}

/** `X-Request-Id` on every answer, the caller's own where it sent one. */
const traced: RequestHandler = (request, response, next) => {
  const given = request.header('x-request-id') ?? ''
  if (SANE_ID.test(given) && given !== request.id) {
    request.id = given
    request.log = request.log.child({ requestId: given })
  } else {
    // A node that this is passed on to finds it there.
    request.rawHeaders.push('X-Request-Id', String(request.id))
  }
  response.setHeader('X-Request-Id', String(request.id))
  next()
}

/**
 * Lets pages of any origin call. A browser adds no key by itself: without cookies, whoever can call from a page has
 * been given the key.
 */
function crossOrigin({ groups, securitySchemes }: Dialect): RequestHandler {
  const methods = new Set(
    groups.flatMap(({ endpoints }) => endpoints.map(({ method }) => method.toUpperCase())),
  )
  const keys = Object.values(securitySchemes).flatMap((scheme) =>
    'name' in scheme && typeof scheme.name === 'string' ? [scheme.name] : [],
  )
  const headers = ['Content-Type', 'Idempotency-Key', 'X-Request-Id', ...keys]

  return (request, response, next) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'Idempotent-Replayed, Retry-After, X-Request-Id')
    const isPreflight = request.method === 'OPTIONS' && request.header('access-control-request-method')
    if (!isPreflight) return next()
    response.setHeader('Access-Control-Allow-Methods', [...methods].join(', '))
    response.setHeader('Access-Control-Allow-Headers', headers.join(', '))
    response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_SECONDS))
    response.status(204).end()
  }
}

/** Refuses addresses that ask too often, in the dialect's words. */
function limited(dialect: Dialect, services: Services): RequestHandler[] {
  const rate = dialect.rateLimit?.(services.config)
  if (!rate || rate.max === 0) return []
  const buckets = new TokenBuckets(rate)
  return [
    (request, response, next) => {
      // The node that passed it on has counted it.
      const waitMs = isFromNode(request) ? 0 : buckets.take(sourceOf(request.ip ?? ''))
      if (waitMs === 0) return next()
      response.setHeader('Retry-After', String(Math.ceil(waitMs / 1000)))
      const { status, body } = dialect.fail(new ApiError('rate_limited'), {
        profile: dialect.profile(services),
      })
      send(request, response, { status, contentType: dialect.contentType, body: dialect.stringify(body) })
    },
  ]
}
