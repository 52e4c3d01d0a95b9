import type { RequestHandler } from 'express'
import { ApiError } from '../../lib/errors.ts'
import { nameCaller } from '../../lib/process/request-context.ts'
import type { Services } from '../../operations/services.ts'
import { EventResponse } from '../event-response.ts'
import { noteLook } from '../guard/powers.ts'
import { requestHead } from '../guard/request-head.ts'
import { send } from './answer.ts'
import type { Dialect, FarEnd, FeedStream } from './dialect.ts'
import type { MountOptions } from './mount.ts'
import { callerOf } from './mount-stream.ts'

/** Serves a stream that is an answer without an end: finds out who is calling, brings it to the session's node, and begins. */
export function serveFeed(
  { dialect, stream, services }: { dialect: Dialect; stream: FeedStream; services: Services },
  { failures, forward, streams }: MountOptions,
): RequestHandler {
  return async (request, response, next) => {
    if (!stream.isOn(services.config) || !streams) return next()
    try {
      const head = requestHead(request)
      const authenticate = async () => callerOf(await stream.authenticate(head, services), stream)
      const caller = await failures.guard(request, authenticate)
      const { user } = caller
      noteLook(request, { kind: 'user', ...caller }, stream.path)
      nameCaller(user.id)
      response.setHeader('Request-Id', String(request.id))
      const stopFollowing = streams.follow(response)
      if (await forward?.({ kind: 'user', ...caller }, request, response, { isEndless: true })) return
      stopFollowing()
      if (response.destroyed) return
      const scope = { user, services }
      stream.accept?.(scope, head)
      // From here to the open stream nothing is waited for, so that no two find the same place free.
      streams.admit(user.id)
      const begin = (far: FarEnd) => stream.begin(scope, head, far)
      streams.add(new EventResponse(response), { stream, caller, authenticate, begin })
    } catch (error) {
      if (!(error instanceof ApiError)) request.log.error({ err: error }, 'a stream could not be opened')
      const known = error instanceof ApiError ? error : new ApiError('internal', {}, { cause: error })
      const seconds = known.details.retryAfterSeconds
      if (seconds !== undefined) response.setHeader('Retry-After', String(seconds))
      const { status, body } = dialect.fail(known, { profile: dialect.profile(services) })
      send(request, response, { status, contentType: dialect.contentType, body: dialect.stringify(body) })
    }
  }
}
