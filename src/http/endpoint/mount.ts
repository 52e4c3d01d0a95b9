import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { type Request, type Response, Router } from 'express'
import { ApiError } from '../../lib/errors.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import { inRequest, nameCaller } from '../../lib/process/request-context.ts'
import type { Services } from '../../operations/services.ts'
import { type BodyReader, ClientGone } from '../body/body.ts'
import { type LargeJson, readLargeJson } from '../body/long-strings.ts'
import { type Form, isMultipart, readForm } from '../body/multipart.ts'
import { jsonBytesOf } from '../body/sizes.ts'
import { type Idempotency, idempotentOf, withMessageId } from '../guard/idempotency.ts'
import type { LoginThrottle } from '../guard/login-throttle.ts'
import { dialectMiddleware } from '../guard/middleware.ts'
import { firstValues, requestHead } from '../guard/request-head.ts'
import { fileFields, jsonFields } from '../server/openapi.ts'
import { setSecurityHeaders } from '../server/static.ts'
import type { EventStreams } from '../streams.ts'
import { type Answer, send } from './answer.ts'
import { compileDecode } from './decode.ts'
import type { Dialect, EndpointGroup, Principal, RequestHead } from './dialect.ts'
import { type Endpoint, type Needs, opaqueFailure, type Subjects } from './endpoint.ts'
import { firstJson } from './first-json.ts'
import { serveStream } from './mount-stream.ts'

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

/** A dialect's endpoints as an Express router; the only place where the failures of operations are caught. */
export function mountDialect(dialect: Dialect, services: Services, options: MountOptions): Router {
  const router = Router({ strict: true, caseSensitive: true })
  for (const handler of dialectMiddleware(dialect, services)) router.use(handler)
  // The originals know neither, while Express would answer both on its own.
  router.use((request, _response, next) =>
    request.method === 'HEAD' || request.method === 'OPTIONS' ? next('router') : next(),
  )
  for (const stream of dialect.streams ?? [])
    router.get(expressPath(stream.path), serveStream({ dialect, stream, services }, options))
  for (const group of dialect.groups)
    for (const endpoint of group.endpoints) {
      if (endpoint.profile !== undefined && endpoint.profile !== dialect.profile(services)) continue
      router[endpoint.method](
        expressPath(endpoint.path),
        serve({ dialect, group, endpoint, services, options }),
      )
    }
  return router
}

/** One endpoint with all it needs to be served. */
interface Route {
  dialect: Dialect
  group: EndpointGroup
  endpoint: Endpoint
  services: Services
  options: MountOptions
}

function serve({ dialect, group, endpoint, services, options }: Route) {
  const decode = compileDecode(endpoint)
  const files = fileFields(endpoint.body)
  const json = jsonFields(endpoint.body)
  const jsonBytes = jsonBytesOf(endpoint.body)
  const { timeZone } = services.config

  return (request: Request, response: Response): Promise<void> =>
    inRequest(String(request.id), () => serveEndpoint(request, response))

  async function serveEndpoint(request: Request, response: Response): Promise<void> {
    if (options.observer) observeEnd(response, options.observer, { dialect, endpoint })
    let profile = dialect.profile(services)
    let received: Form | LargeJson | undefined
    try {
      const head = requestHead(request)
      const principal = await whoCalls(request, head)
      nameCaller(principal.kind === 'user' ? principal.user.id : principal.kind)
      if (principal.kind === 'user') {
        profile = dialect.profile(services, principal.user)
        response.setHeader('Request-Id', String(request.id))
      }
      if (await options.forward?.(principal, request, response)) return

      const subject = await subjectOf(endpoint.needs ?? 'live', principal, services)
      await endpoint.before?.(subject)
      const parts = await decode({
        params: head.params,
        query: firstValues(head.query),
        body: async () => {
          if (files.length === 0) return firstJson(await options.bodies.read(request, response, jsonBytes))
          const { bodyLimitBytes: maxBytes } = services.config
          received = isMultipart(request)
            ? await readForm(options.bodies, { request, response, files, json, jsonBytes, maxBytes })
            : await readLargeJson(options.bodies, { request, response, jsonBytes })
          return received.values
        },
      })
      const input = endpoint.input?.(parts, { profile, timeZone })
      const perform = async (given: unknown) => success(await run(endpoint, subject, given), profile)

      const key = head.header('idempotency-key')
      const path = request.baseUrl + request.path
      const repeatable = await idempotentOf({ endpoint, principal, key, path, body: parts.body, input })
      if (!repeatable) return tell(request, response, await perform(input))
      const { answer, isRepeated } = await options.repetitions.answer(repeatable, (id) =>
        perform(withMessageId(input, id)),
      )
      if (isRepeated) response.setHeader('Idempotent-Replayed', 'true')
      tell(request, response, answer)
    } catch (error) {
      if (error instanceof ClientGone) request.log.debug('client went away while sending')
      else {
        setRetryAfter(response, error)
        send(request, response, failure(error, request, profile))
      }
    } finally {
      await received?.discard()
    }
  }

  // What is open to everybody looks at no credentials: it must neither count them nor take them for right.
  function whoCalls(request: Request, head: RequestHead): Promise<Principal> {
    const authenticate = () => group.authenticate(head, services)
    return group.security === 'none' ? authenticate() : options.failures.guard(request, authenticate)
  }

  function success(result: unknown, profile: string): Answer {
    const { reply } = endpoint
    const rendered = reply.render(result, { profile, timeZone })
    const given = reply.contentType
    const chosen = typeof given === 'object' ? given.of(result) : given
    const contentType = chosen ?? endpoint.contentType ?? dialect.contentType
    if (options.strictReplies) checkReply(endpoint, rendered, contentType)
    if (reply.bare && (typeof rendered === 'string' || rendered instanceof Uint8Array))
      return { status: reply.status, contentType, body: rendered }
    const body = reply.bare ? rendered : dialect.ok(rendered, reply.status)
    return { status: reply.status, contentType, body: dialect.stringify(body) }
  }

  function failure(error: unknown, request: Request, profile: string): Answer {
    if (!(error instanceof ApiError) || error.code === 'internal')
      request.log.error({ err: error, operation: endpoint.run.name }, 'request failed')
    const known = error instanceof ApiError ? error : new ApiError('internal', {}, { cause: error })
    const { status, body } = dialect.fail(known, { profile })
    return { status, contentType: endpoint.contentType ?? dialect.contentType, body: dialect.stringify(body) }
  }
}

/** Sends a success; one that is a page gets what every page gets. */
function tell(request: Request, response: Response, answer: Answer): void {
  if (answer.contentType.startsWith('text/html')) setSecurityHeaders(response)
  send(request, response, answer)
}

/** Notes how a request ended, also one whose caller went away. */
function observeEnd(
  response: Response,
  observer: Pick<Instrumentation, 'requested'>,
  { dialect, endpoint }: Pick<Route, 'dialect' | 'endpoint'>,
): void {
  const startedAt = performance.now()
  response.once('close', () => {
    const seconds = (performance.now() - startedAt) / 1000
    const operation = endpoint.run.name
    observer.requested({ dialect: dialect.name, operation, status: response.statusCode, seconds })
  })
}

/** Tells a caller that was refused for asking too often when to come back. */
function setRetryAfter(response: Response, error: unknown): void {
  const seconds = error instanceof ApiError ? error.details.retryAfterSeconds : undefined
  if (typeof seconds === 'number') response.setHeader('Retry-After', String(seconds))
}

/** Whom the operation acts on: always the caller, never anybody named in the request. */
async function subjectOf(needs: Needs, principal: Principal, services: Services): Promise<Subjects[Needs]> {
  if (needs === 'none') return services
  if (principal.kind !== 'user') throw new ApiError('forbidden')
  if (needs === 'stored') return { user: principal.user, services }
  return services.sessions.live(principal.user.id)
}

async function run(endpoint: Endpoint, subject: Subjects[Needs], input: unknown): Promise<unknown> {
  try {
    return await endpoint.run(subject, input)
  } catch (error) {
    throw worded(error, endpoint.failure)
  }
}

/** Puts a failure into the endpoint's own words. What the caller did wrong keeps the sentence that tells so. */
function worded(error: unknown, failure: Endpoint['failure']): unknown {
  if (failure === undefined || !(error instanceof ApiError)) return error
  const wording = wordingFor(error, failure)
  return wording ? new ApiError(error.code, { ...error.details, ...wording }, { cause: error }) : error
}

function wordingFor(error: ApiError, failure: NonNullable<Endpoint['failure']>) {
  const { stage } = error.details
  const byStage = typeof failure === 'object' && typeof stage === 'string' ? failure[stage] : undefined
  if (byStage === undefined && (error.status < 500 || error.code === 'no_session')) return undefined
  if (failure === opaqueFailure) return { opaque: true }
  const template = byStage ?? (typeof failure === 'object' ? failure.other : failure)
  return template === undefined ? undefined : { text: template.replace('%s', () => error.message) }
}

/** A reply must parse as documented and must not hold members that the documentation does not mention. */
function checkReply(endpoint: Endpoint, rendered: unknown, contentType: string): void {
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

/** The references write `/users/{id}`, Express `/users/:id`. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
