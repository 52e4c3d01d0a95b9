import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Request, Router } from 'express'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import type { Services } from '../../operations/services.ts'
import type { BodyReader } from '../body/body.ts'
import type { Idempotency } from '../guard/idempotency.ts'
import { credentialPlaces, type LoginThrottle } from '../guard/login-throttle.ts'
import { dialectMiddleware } from '../guard/middleware.ts'
import type { EventStreams } from '../streams.ts'
import type { Dialect, Principal } from './dialect.ts'
import { serveStream } from './mount-stream.ts'
import { serveEndpoint } from './serve-endpoint.ts'

/** Passes a request on to the node that owns the caller's session, before its body is read; `true` when it did. */
export type Forward = (principal: Principal, request: Request, response: ServerResponse) => Promise<boolean>

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
  const router = Router({ strict: true, caseSensitive: true })
  for (const handler of dialectMiddleware(dialect, services)) router.use(handler)
  // The originals know neither, while Express would answer both on its own.
  router.use((request, _response, next) =>
    request.method === 'HEAD' || request.method === 'OPTIONS' ? next('router') : next(),
  )
  for (const stream of dialect.streams ?? [])
    router.get(expressPath(stream.path), serveStream({ dialect, stream, services }, options))
  const credentials = credentialPlaces([dialect])
  for (const group of dialect.groups)
    for (const endpoint of group.endpoints) {
      if (endpoint.profile !== undefined && endpoint.profile !== dialect.profile(services)) continue
      router[endpoint.method](
        expressPath(endpoint.path),
        serveEndpoint({ dialect, group, endpoint, credentials, services, options }),
      )
    }
  return router
}

/** The references write `/users/{id}`, Express `/users/:id`. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
