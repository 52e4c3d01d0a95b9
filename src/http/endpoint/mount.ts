import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { ApiError } from '../../lib/errors.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import type { Services } from '../../operations/services.ts'
import type { BodyReader } from '../body/body.ts'
import type { Idempotency } from '../guard/idempotency.ts'
import { credentialPlaces, type LoginThrottle } from '../guard/login-throttle.ts'
import { dialectMiddleware, sendFailure } from '../guard/middleware.ts'
import type { EventStreams } from '../streams.ts'
import type { Dialect, Principal } from './dialect.ts'
import { serveFeed } from './mount-feed.ts'
import { serveStream } from './mount-stream.ts'
import { serveEndpoint } from './serve-endpoint.ts'

/** How a request is passed on. */
export interface ForwardOptions {
  /** The node that is to answer, whoever has the caller's session. */
  nodeId?: string
  /** The answer has no end: no hand-over of the session waits for it. */
  isEndless?: boolean
}

/**
 * Passes a request on to the node that owns the caller's session, or to the one that is named, before its body is read;
 * `true` when it did.
 */
export type Forward = (
  principal: Principal,
  request: Request,
  response: ServerResponse,
  options?: ForwardOptions,
) => Promise<boolean>

/** Connects a WebSocket to the node that owns the caller's session; `true` when it did. */
export type ForwardUpgrade = (
  principal: Principal,
  request: IncomingMessage & { ip?: string },
  socket: Duplex,
  head: Buffer,
) => Promise<boolean>

/** What the endpoints of every dialect share. */
export interface MountOptions {
  bodies: BodyReader
  /** Counts failed authentication, over all dialects. */
  failures: LoginThrottle
  /** Knows the requests that were made before, over all dialects. */
  repetitions: Idempotency
  forward?: Forward
  /** The same for a WebSocket. */
  forwardUpgrade?: ForwardUpgrade
  /** Open WebSockets, over all dialects; without it there are none. */
  streams?: EventStreams
  /** Hears of every request to an endpoint. */
  observer?: Pick<Instrumentation, 'requested'>
  /** Fail with `internal` when a reply does not match its documented schema; for tests. */
  strictReplies?: boolean
}

/** A dialect's endpoints as an Express router. */
export function mountDialect(dialect: Dialect, services: Services, options: MountOptions): Router {
  const isLenient = dialect.hasLenientPaths === true
  const router = Router({ strict: !isLenient, caseSensitive: !isLenient })
  for (const handler of dialectMiddleware(dialect, services)) router.use(handler)
  // The originals know neither, while Express would answer both on its own.
  if (!dialect.answersUnknown)
    router.use((request, _response, next) =>
      request.method === 'HEAD' || request.method === 'OPTIONS' ? next('router') : next(),
    )
  for (const stream of dialect.streams ?? [])
    router.get(
      expressPath(stream.path),
      stream.kind === 'feed'
        ? serveFeed({ dialect, stream, services }, options)
        : serveStream({ dialect, stream, services }, options),
    )
  const credentials = credentialPlaces([dialect])
  for (const group of dialect.groups)
    for (const endpoint of group.endpoints) {
      if (endpoint.profile !== undefined && endpoint.profile !== dialect.profile(services)) continue
      router[endpoint.method](
        expressPath(endpoint.path),
        serveEndpoint({ dialect, group, endpoint, credentials, services, options }),
      )
    }
  if (dialect.answersUnknown) {
    refuseOtherMethods(router, dialect, services)
    // Browsers ask for it on their own: there is none, and nothing is wrong.
    router.get('/favicon.ico', (_request, response) => response.status(204).end())
  }
  return router
}

/** In which order the methods of a path are named. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']

/** Answers a known path that is asked with a method it does not have: 405, with those it has. */
function refuseOtherMethods(router: Router, dialect: Dialect, services: Services): void {
  const methods = new Map<string, string[]>()
  for (const { endpoints } of dialect.groups)
    for (const { path, method, profile } of endpoints) {
      if (profile !== undefined && profile !== dialect.profile(services)) continue
      const shape = path.replace(/\{\w+\}/g, ':any')
      methods.set(shape, [...(methods.get(shape) ?? []), method.toUpperCase()])
    }
  for (const [path, allowed] of methods)
    router.all(path, (request, response) => {
      const all = METHODS.filter((method) => allowed.includes(method === 'HEAD' ? 'GET' : method))
      response.setHeader('Allow', all.join(', '))
      const error = new ApiError('not_found', { status: 405, text: 'Method Not Allowed' })
      sendFailure(dialect, { request, response, error })
    })
}

/** Answers what is no path of a dialect, in its words. */
export function refuseUnknown(dialect: Dialect): RequestHandler {
  return (request, response) => {
    // Below where the dialect is served, which is not known to it.
    const path = request.originalUrl.slice(request.baseUrl.length).replace(/\?.*$/, '')
    const text = `Cannot ${request.method} ${path || '/'}`
    sendFailure(dialect, { request, response, error: new ApiError('not_found', { text }) })
  }
}

/** Whether nobody could tell which path is meant: it cannot be decoded. */
export function isUndecodable(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400)
}

/** Answers what is below a dialect and cannot be decoded, in its words. */
export function refuseUndecodable(dialect: Dialect): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (!isUndecodable(error)) return next(error)
    const problem = new ApiError('invalid_field', { text: 'Bad Request' }, { cause: error })
    sendFailure(dialect, { request, response, error: problem })
  }
}

/** The references write `/users/{id}`, Express `/users/:id`. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
