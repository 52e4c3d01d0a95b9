import type { RequestHandler } from 'express'
import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../../operations/services.ts'
import { requestHead } from '../guard/request-head.ts'
import { upgradeOf } from '../server/upgrades.ts'
import { offeredKey } from '../streams.ts'
import { type Answer, send } from './answer.ts'
import type { Dialect, FarEnd, Principal, RequestHead, Stream } from './dialect.ts'
import type { MountOptions } from './mount.ts'

/** Serves a stream of a dialect: finds out who is calling, brings it to the session's node, opens the WebSocket. */
export function serveStream(
  { dialect, stream, services }: { dialect: Dialect; stream: Stream; services: Services },
  { failures, forwardUpgrade, streams }: MountOptions,
): RequestHandler {
  function failure(error: unknown): Answer {
    const known = error instanceof ApiError ? error : new ApiError('internal', {}, { cause: error })
    if (stream.kind === 'talk') {
      const { status, text } = stream.fail(known)
      return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` }
    }
    const { status, body } = dialect.fail(known, { profile: dialect.profile(services) })
    return { status, contentType: dialect.contentType, body: dialect.stringify(body) }
  }

  return async (request, response, next) => {
    const isOn = stream.isOn(services.config)
    if ((!isOn && stream.kind === 'events') || !streams) return next()
    const upgrade = upgradeOf(request)
    try {
      const head = withOfferedKey(requestHead(request), stream, offeredKey(request))
      const authenticate = async () => userOf(await stream.authenticate(head, services))
      const user = await failures.guard(request, authenticate)
      if (!isOn && stream.kind === 'talk') throw stream.off()
      if (!upgrade) throw new ApiError('unsupported', { status: 426, text: 'this is a WebSocket' })
      if (await forwardUpgrade?.({ kind: 'user', user }, request, upgrade.socket, upgrade.head)) {
        upgrade.take()
        return
      }
      const scope = { user, services }
      if (stream.kind === 'talk') await stream.accept(scope, head)
      // From here to the open stream nothing is waited for, so that no two find the same place free.
      streams.admit(user.id)
      upgrade.take()
      if (stream.kind === 'events') streams.accept(request, upgrade, { stream, user, authenticate })
      else {
        const begin = (far: FarEnd) => stream.talk(scope, head, far)
        streams.accept(request, upgrade, { stream, user, authenticate, begin })
      }
    } catch (error) {
      if (!(error instanceof ApiError)) request.log.error({ err: error }, 'a stream could not be opened')
      const seconds = error instanceof ApiError ? error.details.retryAfterSeconds : undefined
      if (seconds !== undefined) response.setHeader('Retry-After', String(seconds))
      const answer = failure(error)
      if (answer.status === 426) response.setHeader('Upgrade', 'websocket')
      send(request, response, answer)
    }
  }
}

function userOf(principal: Principal) {
  if (principal.kind === 'user') return principal.user
  throw new ApiError('forbidden')
}

function withOfferedKey(head: RequestHead, stream: Stream, offered: string): RequestHead {
  if (stream.kind !== 'events') return head
  const { keyHeader } = stream
  if (offered === '' || head.header(keyHeader) !== undefined) return head
  return {
    ...head,
    header: (name) => (name.toLowerCase() === keyHeader.toLowerCase() ? offered : head.header(name)),
  }
}
