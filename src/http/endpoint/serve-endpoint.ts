import type { Request, RequestHandler, Response } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import { computeOnce } from '../../lib/flow/compute-once.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import { inRequest, nameCaller } from '../../lib/process/request-context.ts'
import type { Services } from '../../operations/services.ts'
import { ClientGone } from '../body/body.ts'
import { type LargeJson, readLargeJson } from '../body/long-strings.ts'
import { type Form, isJson, isMultipart, isUrlencoded, readForm, readUrlencoded } from '../body/multipart.ts'
import { jsonBytesOf } from '../body/sizes.ts'
import { fileFields, jsonFields } from '../document/json-schema.ts'
import { groupLimit } from '../guard/group-limit.ts'
import { idempotentOf, withMessageId } from '../guard/idempotency.ts'
import { type CredentialPlaces, onlyCredentials } from '../guard/login-throttle.ts'
import { neededPower, noteLook, requirePower } from '../guard/powers.ts'
import { firstValues, requestHead } from '../guard/request-head.ts'
import { setSecurityHeaders } from '../server/static.ts'
import { type Answer, send } from './answer.ts'
import { compileDecode } from './decode.ts'
import type { Dialect, EndpointGroup, Principal, RequestHead } from './dialect.ts'
import type { Endpoint, Needs, Parts, ReplyContext, Subjects } from './endpoint.ts'
import { firstJson, onlyJson } from './first-json.ts'
import type { MountOptions } from './mount.ts'
import { checkReply, wordFailure } from './reply.ts'

/** One endpoint with all it needs to be served. */
export interface Route {
  dialect: Dialect
  group: EndpointGroup
  endpoint: Endpoint
  /** Where the dialect looks for tokens. */
  credentials: CredentialPlaces
  services: Services
  options: MountOptions
}

/** What is computed of an endpoint's schemas. */
type Schemas = ReturnType<typeof compileSchemas>

/** One request to an endpoint. */
interface Exchange extends Route {
  request: Request
  response: Response
  head: RequestHead
  schemas: Schemas
  /** In whose words a failure is told, as far as it is known who is calling. */
  profile: string
  /** What arrived outside memory, to be deleted at the end. */
  received?: Form | LargeJson
}

/**
 * Serves an endpoint. These are the steps of every request, in their order; each may end it by throwing, and nowhere else
 * are the failures of operations caught.
 */
export function serveEndpoint(route: Route): RequestHandler {
  const countRequest = groupLimit(route.group, route.services)
  // Of a few hundred endpoints a server may never be asked for most.
  const schemas = computeOnce(() => compileSchemas(route.endpoint))

  return (request, response) =>
    inRequest(String(request.id), async () => {
      const exchange = begin(route, { request, response, schemas: schemas() })
      try {
        countRequest(exchange)
        const principal = await authenticate(exchange)
        if (await routeToOwner(exchange, principal)) return
        // A receiver that asks for what it was just told of finds it.
        if (principal.kind === 'user') await route.services.events.settled(principal.user.id)
        const subject = await requireSubject(exchange, principal)
        const parts = await decode(exchange, subject)
        reply(exchange, await runOnce(exchange, { principal, subject, parts }))
      } catch (error) {
        replyFailure(exchange, error)
      } finally {
        await exchange.received?.discard()
      }
    })
}

function compileSchemas(endpoint: Endpoint) {
  return {
    decode: compileDecode(endpoint),
    files: fileFields(endpoint.body),
    json: jsonFields(endpoint.body),
    jsonBytes: jsonBytesOf(endpoint.body),
  }
}

function begin(route: Route, received: Pick<Exchange, 'request' | 'response' | 'schemas'>): Exchange {
  const { dialect, services, options } = route
  if (options.observer) observeEnd(received.response, options.observer, route)
  return { ...route, ...received, head: requestHead(received.request), profile: dialect.profile(services) }
}

async function authenticate(exchange: Exchange): Promise<Principal> {
  const { dialect, group, endpoint, credentials, services, options, request, response, head } = exchange
  const look = () => group.authenticate(onlyCredentials(head, credentials), services)
  // What is open to everybody looks at no credentials: it must neither count them nor take them for right.
  const principal = await (group.security === 'none' ? look() : options.failures.guard(request, look))
  nameCaller(principal.kind === 'user' ? principal.user.id : principal.kind)
  if (principal.kind === 'user') {
    exchange.profile = dialect.profile(services, principal.user)
    response.setHeader('Request-Id', String(request.id))
  }
  requirePower(principal, neededPower(endpoint))
  noteLook(request, principal, operationOf(endpoint))
  // The node that passed it on has asked.
  if (!isFromNode(request)) await dialect.admit?.(principal, services)
  return principal
}

/** Whether another node, which has the caller's session or what the path names, has answered. */
async function routeToOwner(
  { endpoint, options, request, response, head }: Exchange,
  principal: Principal,
): Promise<boolean> {
  const nodeId = endpoint.node?.(head.params)
  return (await options.forward?.(principal, request, response, { nodeId })) ?? false
}

/** Whom the operation acts on: always the caller, never anybody named in the request. */
async function requireSubject(
  { endpoint, services }: Exchange,
  principal: Principal,
): Promise<Subjects[Needs]> {
  const subject = await subjectOf(endpoint.needs ?? 'live', principal, services)
  await endpoint.before?.(subject)
  return subject
}

async function subjectOf(needs: Needs, principal: Principal, services: Services): Promise<Subjects[Needs]> {
  if (needs === 'none') return services
  if (needs === 'customer') {
    if (principal.kind !== 'customer') throw new ApiError('forbidden')
    return { customer: principal.customer, services }
  }
  if (principal.kind !== 'user') throw new ApiError('forbidden')
  if (needs === 'stored') return { user: principal.user, services }
  return services.sessions.live(principal.user.id)
}

function decode(exchange: Exchange, subject: Subjects[Needs]): Promise<Parts<unknown, unknown, unknown>> {
  const { schemas, head, endpoint } = exchange
  return schemas.decode({
    params: head.params,
    query: firstValues(head.query),
    accepted: (params) => endpoint.accept?.(subject, params),
    body: () => readBody(exchange),
  })
}

async function readBody(exchange: Exchange): Promise<unknown> {
  const { dialect, options, services, request, response } = exchange
  const { files, json } = exchange.schemas
  const maxBytes = dialect.bodyLimit?.(services.config) ?? services.config.bodyLimitBytes
  const jsonBytes = Math.min(exchange.schemas.jsonBytes, maxBytes)
  if (dialect.acceptsForms && !isMultipart(request)) {
    if (isUrlencoded(request))
      return readUrlencoded(await options.bodies.read(request, response, jsonBytes), json)
    // What does not say what it is, is nothing.
    if (!isJson(request)) throw new ApiError('invalid_payload')
  }
  const parse = dialect.hasWholeBodies ? onlyJson : firstJson
  if (files.length === 0 && !(dialect.acceptsForms && isMultipart(request)))
    return parse(await options.bodies.read(request, response, jsonBytes))
  exchange.received = isMultipart(request)
    ? await readForm(options.bodies, { request, response, files, json, jsonBytes, maxBytes })
    : await readLargeJson(options.bodies, { request, response, jsonBytes, parse })
  return exchange.received.values
}

interface Call {
  principal: Principal
  subject: Subjects[Needs]
  parts: Parts<unknown, unknown, unknown>
}

/** Runs the operation, unless the request repeats one that has been answered. */
async function runOnce(exchange: Exchange, { principal, subject, parts }: Call): Promise<Answer> {
  const { endpoint, services, options, request, response, head, profile } = exchange
  const context = { profile, timeZone: services.config.timeZone, caller: principal }
  const input = endpoint.input?.(parts, context)
  const perform = async (given: unknown) =>
    renderSuccess(exchange, await run(exchange, { principal, subject }, given), context)

  const key = head.header('idempotency-key')
  const path = request.baseUrl + request.path
  const repeatable = await idempotentOf({ endpoint, principal, key, path, body: parts.body, input })
  if (!repeatable) return perform(input)
  const { answer, isRepeated } = await options.repetitions.answer(repeatable, (id) =>
    perform(withMessageId(input, id)),
  )
  if (isRepeated) response.setHeader('Idempotent-Replayed', 'true')
  return answer
}

async function run(
  { dialect, endpoint, services }: Exchange,
  { principal, subject }: Pick<Call, 'principal' | 'subject'>,
  input: unknown,
): Promise<unknown> {
  try {
    return await endpoint.run(subject, input)
  } catch (error) {
    const isExplained = dialect.explain && principal.kind === 'user' && error instanceof ApiError
    const known = isExplained ? await dialect.explain?.(error, { user: principal.user, services }) : error
    throw wordFailure(known, endpoint.failure)
  }
}

function renderSuccess(
  { dialect, endpoint, options }: Exchange,
  result: unknown,
  context: ReplyContext,
): Answer {
  const { reply } = endpoint
  const rendered = reply.render(result, context)
  const given = reply.contentType
  const chosen = typeof given === 'object' ? given.of(result) : given
  const contentType = chosen ?? endpoint.contentType ?? dialect.contentType
  if (options.strictReplies) checkReply(endpoint, rendered, contentType)
  if (reply.bare && (typeof rendered === 'string' || rendered instanceof Uint8Array))
    return { status: reply.status, contentType, body: rendered, headers: reply.headers?.(result) }
  const body = reply.bare ? rendered : dialect.ok(rendered, reply.status)
  return { status: reply.status, contentType, body: dialect.stringify(body) }
}

/** Sends a success; one that is a page gets what every page gets. */
function reply({ request, response }: Exchange, answer: Answer): void {
  if (answer.contentType.startsWith('text/html')) setSecurityHeaders(response)
  send(request, response, answer)
}

/** Tells a failure in the dialect's words, to whoever is still there. */
function replyFailure({ dialect, endpoint, request, response, profile }: Exchange, error: unknown): void {
  if (error instanceof ClientGone) {
    request.log.debug('client went away while sending')
    return
  }
  if (!(error instanceof ApiError) || error.code === 'internal')
    request.log.error({ err: error, operation: operationOf(endpoint) }, 'request failed')
  const known = error instanceof ApiError ? error : new ApiError('internal', {}, { cause: error })
  const { retryAfterSeconds } = known.details
  if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds))
  const { status, body } = dialect.fail(known, { profile })
  const contentType = endpoint.contentType ?? dialect.contentType
  send(request, response, { status, contentType, body: dialect.stringify(body) })
}

/** What monitors and logs call an operation: its function, to whose name the build adds a number where several share it. */
function operationOf({ run }: Pick<Endpoint, 'run'>): string {
  return run.name.replace(/\d+$/, '')
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
    const operation = operationOf(endpoint)
    observer.requested({ dialect: dialect.name, operation, status: response.statusCode, seconds })
  })
}
