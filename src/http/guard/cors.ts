import type { RequestHandler } from 'express'
import type { Config } from '../../config/config.ts'
import type { CorsRules, Dialect } from '../endpoint/dialect.ts'

/** How long a browser may remember what it is allowed to send. */
const PREFLIGHT_SECONDS = 86_400

/**
 * Lets pages of other origins call. A browser adds no key by itself: without cookies, whoever can call from a page has
 * been given the key.
 */
export function crossOrigin(dialect: Dialect, config: Config): RequestHandler[] {
  if (!dialect.cors) return []
  return [dialect.cors === true ? anyOrigin(dialect) : someOrigins(dialect.cors, config)]
}

function anyOrigin({ groups, securitySchemes }: Dialect): RequestHandler {
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

/** The origins that the operator names, as the middleware of Go's server Fiber answers them. */
function someOrigins({ origins, headers }: CorsRules, config: Config): RequestHandler {
  const allowed = origins(config)
  const isAny = allowed.includes('*')

  return (request, response, next) => {
    const origin = request.header('origin')
    const isPreflight = request.method === 'OPTIONS' && request.header('access-control-request-method')
    if (isPreflight)
      response.vary('Access-Control-Request-Method, Access-Control-Request-Headers').vary('Origin')
    else if (!isAny) response.vary('Origin')
    if (origin !== undefined && (isAny || allowed.includes(origin)))
      response.setHeader('Access-Control-Allow-Origin', isAny ? '*' : origin)
    if (!isPreflight) return next()
    response.setHeader('Access-Control-Allow-Methods', 'GET,POST,PUT,PATCH,DELETE')
    response.setHeader('Access-Control-Allow-Headers', headers.join(','))
    response.status(204).end()
  }
}
