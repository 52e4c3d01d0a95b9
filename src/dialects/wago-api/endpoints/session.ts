import { z } from 'zod'
import type { EndpointGroup } from '../../../http/endpoint/dialect.ts'
import { get, post, type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { bool } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { qrPng } from '../../../lib/text/qr-image.ts'
import { shownCode } from '../../../operations/account/own-device.ts'
import { type Removed, STILL_LINKED } from '../../../operations/admin/removals.ts'
import type { UserScope } from '../../../operations/services.ts'
import {
  allSessions,
  restartSession,
  startSession,
  stopSession,
  terminateAll,
  terminateInactive,
  terminateSession,
} from '../../../operations/sessions/named-sessions.ts'
import { pageOf, pendingPasskey } from '../../../operations/sessions/passkeys.ts'
import { pairByPhone, sessionStatus } from '../../../operations/sessions/sessions.ts'
import type { User } from '../../../store/users/users.ts'
import type { SessionStatus } from '../../../whatsapp/session/status.ts'
import { asAnyone, asKeeper, asNewSession, asSession, asSessionOr } from '../auth.ts'
import { stateName } from '../events/session-state.ts'
import { required } from '../shapes/fields.ts'
import { result } from '../shapes/replies.ts'
import { distinctSessionIds, sessionIdOf } from '../shapes/session-id.ts'

/** Answer of what has nothing to tell but that it was done. */
function message(sentence: string): Reply<void> {
  return reply(z.object({ message: z.literal(sentence) }), () => ({ message: sentence }))
}

const unlinked = z.enum(['yes', 'not_linked', 'unreachable']).describe('Whether the phone has been told')

const terminated = reply(
  z.object({ message: z.literal('Logged out successfully'), unlinked, details: z.string().optional() }),
  (removed: Removed) => ({
    message: 'Logged out successfully',
    unlinked: removed.unlinked,
    ...(removed.unlinked === 'unreachable' && { details: STILL_LINKED }),
  }),
)

/** Sessions whose phones could not be told are named, where there are any. */
const flushed = reply(
  z.object({
    message: z.literal('Flush completed successfully'),
    stillLinked: z.array(z.string()).optional(),
    details: z.string().optional(),
  }),
  (removed: Removed[]) => {
    const stillLinked = removed
      .filter((one) => one.unlinked === 'unreachable')
      .map(({ user }) => sessionIdOf(user))
    return {
      message: 'Flush completed successfully',
      ...(stillLinked.length > 0 && { stillLinked, details: STILL_LINKED }),
    }
  },
)

/** The state of a session that is connected; every other one is told as a failure with status 200. */
function connectedStatus(scope: UserScope): SessionStatus {
  const status = sessionStatus(scope)
  if (status.loggedIn) return status
  throw notNow({ state: stateName(status), message: 'session_not_connected' })
}

async function start(scope: UserScope): Promise<void> {
  try {
    await startSession(scope)
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code !== 'conflict') throw cause
    const text = `Session already exists for: ${sessionIdOf(scope.user)}`
    throw new ApiError('conflict', { status: 422, text }, { cause })
  }
}

async function qrText(scope: UserScope): Promise<string> {
  const passkey = pendingPasskey(scope)
  if (passkey) throw notNow({ message: 'passkey required', passkeyPage: pageOf(passkey) })
  const code = await shownCode(scope)
  if (code === '') throw notNow({ message: 'qr code not ready or already scanned' })
  return code
}

async function qrImage(scope: UserScope): Promise<Uint8Array> {
  return qrPng(await qrText(scope))
}

/** The original answers 200 where nothing is wrong with the request. */
function notNow(members: Record<string, unknown>): ApiError {
  return new ApiError('not_connected', { status: 200, members })
}

/** Whatever a session that does not exist is asked for. */
const notFound = { message: 'session_not_found' }

/** The chapter "Session"; its routes differ in who may use them and in what they say of a session that is not there. */
export const sessionGroups: EndpointGroup[] = [
  {
    tag: 'Session',
    security: 'none',
    authenticate: asAnyone,
    endpoints: [
      get('/ping', {
        summary: 'Whether the server answers',
        needs: 'none',
        run: function ping() {},
        reply: message('pong'),
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asKeeper,
    endpoints: [
      get('/session/getSessions', {
        summary: 'Ids of all sessions',
        needs: 'none',
        power: 'full',
        run: allSessions,
        reply: result(z.array(z.string()), (users: User[]) => distinctSessionIds(users)),
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asNewSession,
    endpoints: [
      get('/session/start/{id}', {
        summary: 'Start a session; one that does not exist is created',
        needs: 'stored',
        power: 'full',
        run: start,
        reply: message('Session initiated successfully'),
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asSession,
    endpoints: [
      get('/session/stop/{id}', {
        summary: 'Disconnect a session and stay linked to the phone',
        needs: 'stored',
        power: 'full',
        run: stopSession,
        reply: message('Session stopped successfully'),
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asSessionOr({ state: null, ...notFound }),
    endpoints: [
      get('/session/status/{id}', {
        summary: 'State of a session; `success` is false unless it is connected',
        needs: 'stored',
        power: 'any',
        run: connectedStatus,
        reply: reply(
          z.object({ state: z.literal('CONNECTED'), message: z.literal('session_connected') }),
          (status: SessionStatus) => ({ state: stateName(status), message: 'session_connected' }),
        ),
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asSessionOr(notFound),
    endpoints: [
      get('/session/qr/{id}', {
        summary: 'The QR code to scan now, as text',
        needs: 'stored',
        power: 'full',
        run: qrText,
        reply: reply(z.object({ qr: z.string() }), (qr: string) => ({ qr })),
      }),

      get('/session/qr/{id}/image', {
        summary: 'The QR code to scan now, as a picture',
        needs: 'stored',
        power: 'full',
        run: qrImage,
        reply: reply(
          z.custom<Uint8Array>().meta({ type: 'string', format: 'binary' }),
          (png: Uint8Array) => png,
          { bare: true, contentType: 'image/png' },
        ),
      }),

      post('/session/requestPairingCode/{id}', {
        summary: 'A code to type on the phone instead of scanning',
        body: z.object({
          phoneNumber: required('phoneNumber', limits.address),
          showNotification: bool().describe('Accepted; WhatsApp always shows one'),
        }),
        run: pairByPhone,
        input: ({ body }) => body.phoneNumber,
        reply: result(z.string(), (code: string) => code.replace('-', '')),
      }),

      get('/session/restart/{id}', {
        summary: 'Disconnect a session and connect it again',
        needs: 'stored',
        power: 'full',
        run: restartSession,
        reply: message('Restarted successfully'),
      }),

      get('/session/terminate/{id}', {
        summary: 'Unlink the phone and delete the session with all that belongs to it',
        needs: 'stored',
        power: 'full',
        run: terminateSession,
        reply: terminated,
      }),
    ],
  },
  {
    tag: 'Session',
    security: 'key',
    authenticate: asKeeper,
    endpoints: [
      get('/session/terminateInactive', {
        summary: 'Terminate the sessions that are stopped or were never linked',
        needs: 'none',
        power: 'full',
        run: terminateInactive,
        reply: flushed,
      }),

      get('/session/terminateAll', {
        summary: 'Terminate every session',
        needs: 'none',
        power: 'full',
        run: terminateAll,
        reply: flushed,
      }),
    ],
  },
]
