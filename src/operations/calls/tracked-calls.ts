import type { CallEvent } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { bare } from '../../lib/jid.ts'
import { recentEventsOf } from '../../store/delivery/events.ts'
import type { Call } from '../../whatsapp/calls/calls.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { UserScope } from '../services.ts'
import { notRinging } from './own-calls.ts'
import { rejectCall } from './reject-call.ts'

/** A call as far as its signals tell. */
export interface TrackedCall {
  id: string
  /** JID of the other side. */
  peer: string
  direction: 'incoming' | 'outgoing'
  /** `active` is also a call that another device of the account has taken. */
  state: Call['state']
  /** Why it ended, '' where nobody said. */
  reason: string
  /** JID of the group that is called, '' for none. */
  group: string
  /** Unix seconds, as the next two. */
  startedAt: number
  /** When somebody took it, as far as that was told. */
  answeredAt?: number
  endedAt?: number
}

/** The signals calls are told from; a profile of webhooks that offers calls keeps them. */
export const callSignals = [
  'call.offer',
  'call.offer.notice',
  'call.accept',
  'call.terminate',
  'call.state',
] as const

type Signal = Extract<CallEvent, { type: (typeof callSignals)[number] }>

const MAX_SIGNALS = 1_000
/** Phones ring for about a minute; an end that never came, because nobody was connected, is assumed after this. */
const LONGEST_RING_SECONDS = 120

/** The calls of the last days, newest first, as far back as events are kept. Throws `no_session`. */
export async function trackedCalls(
  { user, services }: UserScope,
  now = Date.now() / 1000,
): Promise<TrackedCall[]> {
  const { calls: held } = services.sessions.live(user.id)
  const events = await recentEventsOf(services.db, user.id, {
    family: 'call',
    types: callSignals,
    limit: MAX_SIGNALS,
  })
  const calls = new Map<string, TrackedCall>()
  const own = new Set<string>()
  for (const { payload } of events.toReversed()) {
    // The payload is what the bus stored, and only events are.
    const signal = JSON.parse(payload) as Signal
    const known = calls.get(signal.callId)
    if (signal.type === 'call.state') own.add(signal.callId)
    calls.set(signal.callId, afterSignal(known ?? callOf(signal), signal))
  }
  // What a process left open when it died is over, also where voice was switched off before the next one. A phone may ring on.
  const isLeft = ({ id, state }: TrackedCall) =>
    !['ringing', 'ended'].includes(state) && own.has(id) && !held?.find(id)
  return [...calls.values()]
    .toReversed()
    .map(
      (call): TrackedCall =>
        isLeft(call) ? { ...call, state: 'ended', reason: 'connection_lost' } : assumeEnd(call, now),
    )
}

async function trackedCall(scope: UserScope, id: string): Promise<TrackedCall> {
  const found = (await trackedCalls(scope)).find((call) => call.id === id)
  if (!found) throw new ApiError('not_found', { text: 'call not found' })
  return found
}

/** Rejects an incoming call that rings, by its id alone. Throws `not_found`, and `conflict` when it does not ring. */
export async function rejectTracked(scope: UserScope, id: string): Promise<void> {
  const { user, services } = scope
  const session: LiveSession = services.sessions.live(user.id)
  await session.calls?.caughtUp()
  const own = session.calls?.find(id)
  if (own) {
    if (own.direction !== 'incoming' || own.state !== 'ringing') throw notRinging()
    // What becomes of it is told by the session.
    await session.calls?.reject(id)
    return
  }
  const call = await trackedCall(scope, id)
  if (call.direction !== 'incoming' || call.state !== 'ringing') throw notRinging()
  await rejectCall(session, { from: call.peer, id })
  const { peer, direction } = call
  const timestamp = Math.floor(Date.now() / 1000)
  await services.events.record(user.id, [
    {
      type: 'call.state',
      chat: call.group || bare(peer),
      callId: id,
      peer,
      direction,
      state: 'ended',
      reason: 'rejected',
      timestamp,
    },
  ])
}

function callOf(signal: Signal): TrackedCall {
  const isOwn = signal.type === 'call.state'
  return {
    id: signal.callId,
    peer: isOwn ? signal.peer : bare(signal.creator || signal.from),
    direction: isOwn ? signal.direction : 'incoming',
    state: isOwn ? signal.state : 'ringing',
    reason: '',
    group: isOwn ? '' : signal.group,
    startedAt: signal.timestamp,
  }
}

function afterSignal(call: TrackedCall, signal: Signal): TrackedCall {
  // What has ended does not begin again; signals may overtake each other.
  if (call.state === 'ended') return call
  switch (signal.type) {
    case 'call.accept':
      return { ...call, state: 'active', answeredAt: call.answeredAt ?? signal.timestamp }
    case 'call.terminate':
      return { ...call, state: 'ended', reason: signal.reason, endedAt: signal.timestamp }
    case 'call.state':
      return { ...call, state: signal.state, reason: signal.reason, ...timeOf(call, signal) }
    default:
      return call
  }
}

function timeOf(
  { answeredAt }: TrackedCall,
  { state, timestamp }: Extract<Signal, { type: 'call.state' }>,
): Pick<TrackedCall, 'answeredAt' | 'endedAt'> {
  if (state === 'ended') return { endedAt: timestamp }
  const isTaken = state === 'connecting' || state === 'active'
  return isTaken ? { answeredAt: answeredAt ?? timestamp } : {}
}

function assumeEnd(call: TrackedCall, now: number): TrackedCall {
  const isOver = !['active', 'ended'].includes(call.state) && now - call.startedAt > LONGEST_RING_SECONDS
  return isOver ? { ...call, state: 'ended', reason: 'timeout' } : call
}
