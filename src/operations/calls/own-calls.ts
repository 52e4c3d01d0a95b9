import type { CallMedia } from '../../calls/call-media.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Call, CallDiary, SessionCalls } from '../../whatsapp/calls/calls.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { UserScope } from '../services.ts'

const OFF =
  'voice calls are experimental and off: set CALLS=on to switch them on. Without it calls are told and can be rejected'

/** Why a call ended that nobody else has ended. */
const ENDED_HERE = ['hangup', 'failed', 'no_relay', 'connection_lost']

/**
 * The calls of the user's session that this server carries the voice of.
 * @throws ApiError `no_session`, and `unsupported` where voice is off.
 */
export function requireCalls({ user, services }: UserScope): SessionCalls {
  const { calls } = services.sessions.live(user.id)
  if (services.config.calls === 'off' || calls === undefined) throw voiceIsOff()
  return calls
}

/** The failure of whatever needs voice where that is off. */
export function voiceIsOff(): ApiError {
  return new ApiError('unsupported', { text: OFF })
}

/** The calls of a session that go on; none where voice is off. */
export function ownCalls(session: LiveSession): Call[] {
  return (session.calls?.list() ?? []).filter(({ state }) => state !== 'ended')
}

/** The session of a user. Throws `no_session`. */
export function requireSession({ user, services }: UserScope): void {
  services.sessions.live(user.id)
}

/** One of them, with all of them. Throws `not_found` too. */
export async function requireCall(
  scope: UserScope,
  id: string,
): Promise<{ call: Call; calls: SessionCalls }> {
  const calls = requireCalls(scope)
  // Its offer is told before the session knows it.
  await calls.caughtUp()
  const call = calls.find(id)
  if (!call) throw new ApiError('not_found', { text: 'call not found' })
  return { call, calls }
}

/** One of them with its sound. Throws `conflict` too, when it has ended or has no sound yet. */
export async function requireSound(
  scope: UserScope,
  id: string,
): Promise<{ call: Call; calls: SessionCalls; media: CallMedia }> {
  const { call, calls } = await requireCall(scope, id)
  if (call.state === 'ended') throw new ApiError('conflict', { text: 'the call has ended' })
  return { call, calls, media: await calls.openMediaOf(id) }
}

/**
 * Calls somebody, a JID or a number. Resolves when WhatsApp has taken the call.
 * @throws ApiError as `SessionCalls.make`; `not_on_whatsapp` in the place of its `not_found`, `conflict` when it has ended
 * here already.
 */
export async function placeCall(scope: UserScope, to: string): Promise<Call> {
  const calls = requireCalls(scope)
  const call = await calls.make(to).catch((cause: unknown) => {
    if (!(cause instanceof ApiError) || cause.code !== 'not_found') throw cause
    throw new ApiError('not_on_whatsapp', { text: 'the number is not on WhatsApp' }, { cause })
  })
  // Whoever was called may have ended it already, which is told; what has ended here is no call to speak of.
  if (call.state === 'ended' && ENDED_HERE.includes(call.reason))
    throw new ApiError('conflict', { text: `the call was given up: ${call.reason}` })
  return call
}

/** Takes a call that rings here. Throws `not_found`, and `conflict` when it does not ring. */
export async function answerCall(scope: UserScope, id: string): Promise<Call> {
  const { call, calls } = await requireCall(scope, id)
  if (call.direction !== 'incoming' || call.state !== 'ringing') throw notRinging()
  return calls.answer(id)
}

/** Ends a call, or gives it up while it rings; one that has ended stays as it is. Throws `not_found`. */
export async function hangUpCall(scope: UserScope, id: string): Promise<Call> {
  const { calls } = await requireCall(scope, id)
  return calls.hangUp(id)
}

/** Lets the other side hear silence, or what is said again. Throws `not_found`, and `conflict` when the call is over. */
export async function muteCall(
  scope: UserScope,
  { id, isMuted }: { id: string; isMuted: boolean },
): Promise<Call> {
  const { call, media } = await requireSound(scope, id)
  media.setMuted(isMuted)
  return call
}

/** What happened in a call, without its secrets. Throws `not_found`. */
export async function readCallDiary(scope: UserScope, id: string): Promise<CallDiary> {
  const { calls } = await requireCall(scope, id)
  return calls.diary(id)
}

/** The failure of whatever needs a call that rings. */
export function notRinging(): ApiError {
  return new ApiError('conflict', { text: 'call is not ringing' })
}
