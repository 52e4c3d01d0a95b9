import type { RequestHandler } from 'express'
import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../../operations/services.ts'
import type { Caller } from '../../store/users/caller.ts'
import { requirePower, streamPower } from '../guard/powers.ts'
import { requestHead } from '../guard/request-head.ts'
import { upgradeOf } from '../server/upgrades.ts'
import { offeredKey } from '../streams.ts'
import { type Answer, send } from './answer.ts'
import type { Dialect, FarEnd, Principal, RequestHead, SocketStream, Stream } from './dialect.ts'
import type { MountOptions } from './mount.ts'

/** Serves a stream of a dialect: finds out who is calling, brings it to the session's node, opens the WebSocket. */
export function serveStream(
  { dialect, stream, services }: { dialect: Dialect; stream: SocketStream; services: Services },
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
      const authenticate = async () => callerOf(await stream.authenticate(head, services), stream)
      const caller = await failures.guard(request, authenticate)
      const { user } = caller
      if (!isOn && stream.kind === 'talk') throw stream.off()
      if (!upgrade) throw new ApiError('unsupported', { status: 426, text: 'this is a WebSocket' })
      if (await forwardUpgrade?.({ kind: 'user', ...caller }, request, upgrade.socket, upgrade.head)) {
        upgrade.take()
        return
      }
      const scope = { user, services }
      if (stream.kind === 'talk') await stream.accept(scope, head)
      // From here to the open stream nothing is waited for, so that no two find the same place free.
      streams.admit(user.id)
      upgrade.take()
      if (stream.kind === 'events') streams.accept(request, upgrade, { stream, caller, authenticate })
      else {
        const begin = (far: FarEnd) => stream.talk(scope, head, far)
        streams.accept(request, upgrade, { stream, caller, authenticate, begin })
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

/** Who may open a stream: to be told is to read, to talk takes the token. Throws `forbidden` for everybody but users. */
export function callerOf(principal: Principal, stream: Stream): Caller {
  requirePower(principal, streamPower(stream))
  if (principal.kind !== 'user') throw new ApiError('forbidden')
  return principal
}

function withOfferedKey(head: RequestHead, stream: SocketStream, offered: string): RequestHead {
  if (stream.kind !== 'events') return head
  const { keyHeader } = stream
  if (offered === '' || head.header(keyHeader) !== undefined) return head
  return {
    ...head,
    header: (name) => (name.toLowerCase() === keyHeader.toLowerCase() ? offered : head.header(name)),
  }
}
