import { randomUUID } from 'node:crypto'
import compression from 'compression'
import type { Request, RequestHandler, Response } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../../operations/services.ts'
import { send } from '../endpoint/answer.ts'
import type { Dialect } from '../endpoint/dialect.ts'
import { crossOrigin } from './cors.ts'
import { sourceOf } from './source-address.ts'
import { TokenBuckets } from './token-buckets.ts'

/** What a caller's own request id may be: it is written to the log and sent back. */
const SANE_ID = /^[\w.:-]{1,128}$/

/** What a dialect does with every request before it looks for the endpoint. */
export function dialectMiddleware(dialect: Dialect, services: Services): RequestHandler[] {
  return [
    ...compressed(dialect, services),
    ...(dialect.headers ? [withHeaders(dialect.headers)] : []),
    ...(dialect.tracesRequests ? [traced(dialect.tracesRequests === 'uuid')] : []),
    ...(dialect.headerLimit ? [shortHead(dialect, dialect.headerLimit)] : []),
    ...crossOrigin(dialect, services.config),
    ...shortBody(dialect, services),
    ...limited(dialect, services),
  ]
}

/** Answers what none of a dialect's endpoints has refused, in its words. */
export function sendFailure(
  dialect: Dialect,
  { request, response, error }: { request: Request; response: Response; error: ApiError },
): void {
  const { status, body } = dialect.fail(error, { profile: '' })
  send(request, response, { status, contentType: dialect.contentType, body: dialect.stringify(body) })
}

function compressed(dialect: Dialect, { config }: Services): RequestHandler[] {
  const level = dialect.compression?.(config) ?? 0
  return level > 0 ? [compression({ level })] : []
}

/** Refuses what is longer before its end than the dialect's own servers take. */
function shortHead(dialect: Dialect, limit: number): RequestHandler {
  return (request, response, next) => {
    // Of each header its name, a colon, a blank and the end of the line; of the first line its version.
    const lines = request.rawHeaders.reduce((length, part) => length + part.length + 2, 0)
    const length = lines + request.method.length + request.originalUrl.length + ' HTTP/1.1\r\n'.length
    if (length <= limit) return next()
    const error = new ApiError('invalid_field', { status: 431, text: 'Request Header Fields Too Large' })
    sendFailure(dialect, { request, response, error })
  }
}

/** Refuses bodies that say themselves that they are too large, whatever they are for; others are cut off when they are. */
function shortBody(dialect: Dialect, { config }: Services): RequestHandler[] {
  const limit = dialect.bodyLimit?.(config)
  if (limit === undefined) return []
  return [
    (request, response, next) => {
      if (Number(request.header('content-length') ?? 0) <= limit) return next()
      sendFailure(dialect, { request, response, error: new ApiError('payload_too_large') })
    },
  ]
}

function withHeaders(headers: Readonly<Record<string, string>>): RequestHandler {
  return (_request, response, next) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    next()
  }
}

/** `X-Request-Id` on every answer, the caller's own where it sent one. */
function traced(isUuid: boolean): RequestHandler {
  return (request, response, next) => {
    // Already done where another dialect's routes were looked through first.
    if (response.hasHeader('X-Request-Id')) return next()
    const given = request.header('x-request-id') ?? ''
    const isGiven = SANE_ID.test(given)
    const id = isGiven ? given : isUuid ? randomUUID() : request.id
    request.id = id
    // A node that this is passed on to finds it there, and no other.
    if (!isGiven) replaceRequestId(request, id)
    response.setHeader('X-Request-Id', id)
    next()
  }
}

function replaceRequestId(request: Request, id: string): void {
  const { rawHeaders } = request
  // Node makes its views of the headers of as many lines as arrived, when somebody first looks: now, before they are fewer.
  void [request.headers, request.headersDistinct]
  const others = rawHeaders.filter((_part, at) => rawHeaders[at - (at % 2)]?.toLowerCase() !== 'x-request-id')
  request.rawHeaders = [...others, 'X-Request-Id', id]
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
