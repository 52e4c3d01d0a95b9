import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express'
import { ApiError } from '../../lib/errors.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import type { Services } from '../../operations/services.ts'
import { BodyReader } from '../body/body.ts'
import { send } from '../endpoint/answer.ts'
import type { Dialect, MountedDialect } from '../endpoint/dialect.ts'
import {
  type Forward,
  type ForwardUpgrade,
  isUndecodable,
  mountDialect,
  refuseUndecodable,
  refuseUnknown,
} from '../endpoint/mount.ts'
import { Idempotency } from '../guard/idempotency.ts'
import { credentialPlaces, LoginThrottle } from '../guard/login-throttle.ts'
import { dialectMiddleware } from '../guard/middleware.ts'
import { readableTarget } from '../guard/request-head.ts'
import { requestLog } from '../guard/request-log.ts'
import type { EventStreams } from '../streams.ts'
import { documentation } from './docs.ts'
import { type Monitored, monitoring } from './monitoring.ts'
import { type Control, simulation } from './simulation.ts'
import {
  dialectFiles,
  formerAddresses,
  neverCached,
  securityHeaders,
  staticFiles,
  vendorFiles,
} from './static.ts'

/** What may be added to the server, or changed for a test. */
export interface ServerOptions {
  /** Passes requests to the node that owns the caller's session; without it every session is ours. */
  forward?: Forward
  /** The same for WebSockets. */
  forwardUpgrade?: ForwardUpgrade
  /** Open WebSockets; without it there are none. */
  streams?: EventStreams
  /** Folder of the pages; without it the product's own. */
  staticDir?: string
  /** Answer `internal` when a reply differs from its documented schema. */
  strictReplies?: boolean
  /** Control plane of a simulated network inside this process. */
  control?: Control
  /** Longest pause between two pieces of a request body. */
  bodyIdleMs?: number
  /** What monitors are told; without it they find nothing. */
  monitored?: Monitored
  /** Whether nobody has made a user yet; without it somebody has. */
  isNew?: () => Promise<boolean>
  /** Hears of every request to an endpoint. */
  observer?: Pick<Instrumentation, 'requested'>
}

/** The whole HTTP side as an Express application: the order of everything. */
export function createServer(
  services: Services,
  dialects: MountedDialect[],
  options: ServerOptions = {},
): Express {
  const { bodyLimitBytes } = services.config
  const bodies = new BodyReader({
    maxBytes: bodyLimitBytes,
    maxTotalBytes: 4 * bodyLimitBytes,
    idleMs: options.bodyIdleMs ?? 60_000,
  })
  const failures = new LoginThrottle(
    services.config.authFailuresPerMinute,
    credentialPlaces(dialects.map(({ dialect }) => dialect)),
  )
  const repetitions = new Idempotency(services.db, services.log)
  const { forward, forwardUpgrade, streams, strictReplies, observer } = options

  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.enable('strict routing').enable('case sensitive routing')
  // The query is read by request-head.ts, without the nesting that Express would add.
  app.set('query parser', false)
  // Only these proxies may say for whom they ask; anybody can write the header.
  app.set('trust proxy', services.config.trustProxy)

  app.use(requestLog(services.log))
  app.use(neverCached)
  app.use(readableTarget)
  if (options.monitored) app.use(monitoring(options.monitored, { config: services.config, failures }))
  app.use(simulation(services, { control: options.control, isNew: options.isNew, failures }))
  const routers = new Map<Dialect, Router>()
  for (const { dialect, base } of longestBaseFirst(dialects)) {
    const router =
      routers.get(dialect) ??
      mountDialect(dialect, services, {
        bodies,
        failures,
        repetitions,
        forward,
        forwardUpgrade,
        streams,
        strictReplies,
        observer,
      })
    routers.set(dialect, router)
    app.use(base, router)
  }
  // Express would answer OPTIONS for every page it knows.
  app.options('/{*path}', notFound)
  app.use(securityHeaders)
  app.use(documentation(dialects, services))
  for (const { dialect, base } of dialects)
    app.use(`${base === '/' ? '' : base}/pages`, dialectFiles(dialect.name, options.staticDir))
  app.use(vendorFiles())
  app.use(staticFiles(options.staticDir))
  app.use(formerAddresses(dialects.some(answersAtRoot) ? 'index.html' : ''))
  for (const { dialect, base, unknownFrom = base } of longestBaseFirst(dialects))
    if (dialect.answersUnknown)
      app.use(
        unknownFrom,
        ...dialectMiddleware(dialect, services),
        refuseUnknown(dialect),
        refuseUndecodable(dialect),
      )
  app.use(notFound)
  app.use(unexpected)
  return app
}

/** A dialect at `/` must not see what belongs to another one. */
function longestBaseFirst(dialects: MountedDialect[]): MountedDialect[] {
  return dialects.toSorted((a, b) => b.base.length - a.base.length)
}

/** Whether a dialect has the page's own address. */
function answersAtRoot({ dialect, base }: MountedDialect): boolean {
  return (
    base === '/' &&
    dialect.groups.some(({ endpoints }) =>
      endpoints.some(({ method, path }) => method === 'get' && path === '/'),
    )
  )
}

/** What Go's file server says to an unknown path, and so to a wrong method on a known one. */
const notFound: RequestHandler = (request, response) => {
  const body = '404 page not found\n'
  send(request, response, { status: 404, contentType: 'text/plain; charset=utf-8', body })
}

/** Whatever went wrong outside an endpoint: an undecodable path (the client's fault) or a bug. */
const unexpected: ErrorRequestHandler = (error, request, response, _next) => {
  const status = isUndecodable(error) ? 400 : 500
  if (status === 500) request.log.error({ err: error }, 'request failed outside an endpoint')
  const text = status === 400 ? 'bad request' : new ApiError('internal').message
  send(request, response, { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` })
}
