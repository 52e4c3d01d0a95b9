import type { CallMediaStats } from '../../calls/call-media.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Call, SessionCalls } from '../../whatsapp/calls/calls.ts'
import type { UserScope } from '../services.ts'
import { requireCalls } from './own-calls.ts'
import { type TrackedCall, trackedCalls } from './tracked-calls.ts'

/** How the sound of a call is doing, as far as its owner may know. */
export interface CallSound {
  codec: string
  isMuted: boolean
  playing?: { file: string; state: string; seconds: number; totalSeconds: number }
  /** `path` is the name below the folder of calls. */
  recording?: { path: string; seconds: number }
  hasBrowser: boolean
  hasLine: boolean
  /** Packets. */
  sent: number
  received: number
  lost: number
  /** Of those that came: what no codec here understands, MLow above all. */
  undecodable: number
  /** How many of the relays of the call carry it. */
  relays: { connected: number; known: number }
}

/** A call, whoever has taken part in it. */
export interface ListedCall {
  id: string
  /** JID of the other side. */
  peer: string
  direction: Call['direction']
  state: Call['state']
  /** Why it ended, '' where nobody said. */
  reason: string
  /** Unix milliseconds, as the next two. */
  startedAt: number
  /** When it was taken, as far as that is known. */
  answeredAt?: number
  endedAt?: number
  /** Since it was taken, until its end; undefined where that is not known. */
  seconds?: number
  /** Of calls that this server takes part in. */
  own?: { sound?: CallSound }
}

/**
 * The calls of the last days, newest first: those this server takes part in, or has in the last minutes, and those whose
 * signals are stored. Throws `no_session`.
 */
export async function listCalls(scope: UserScope): Promise<ListedCall[]> {
  const own = ownCallsOf(scope)
  const ids = new Set(own.map(({ id }) => id))
  const others = (await trackedCalls(scope)).filter(({ id }) => !ids.has(id))
  return [...own, ...others.map(tracked)].sort((one, other) => other.startedAt - one.startedAt)
}

/** Those of them that this server takes part in and that go on: no more than a look into memory. Throws `no_session`. */
export function listLiveCalls(scope: UserScope): ListedCall[] {
  return ownCallsOf(scope).filter(({ state }) => state !== 'ended')
}

/** One of them. Throws `not_found`. */
export async function showCall(scope: UserScope, id: string): Promise<ListedCall> {
  const found = (await listCalls(scope)).find((call) => call.id === id)
  if (!found) throw new ApiError('not_found', { text: 'call not found' })
  return found
}

/** What the session has to say of a call in whose sound something has just changed. */
export function describeCall(scope: UserScope, call: Call): ListedCall {
  return listed(call, soundOf(requireCalls(scope), call))
}

function ownCallsOf({ user, services }: UserScope): ListedCall[] {
  const { calls } = services.sessions.live(user.id)
  return (calls?.list() ?? []).map((call) => listed(call, soundOf(calls, call)))
}

function listed(call: Call, sound: CallSound | undefined, now = Date.now()): ListedCall {
  const { startedAt, answeredAt, endedAt } = call
  const seconds = answeredAt === undefined ? 0 : Math.max(0, (endedAt ?? now) - answeredAt) / 1000
  return { ...callOf(call), startedAt, answeredAt, endedAt, seconds, own: { sound } }
}

/** What signals tell to the second. */
function tracked(call: TrackedCall): ListedCall {
  const { startedAt, answeredAt, endedAt } = call
  const isTimed = answeredAt !== undefined && endedAt !== undefined
  return {
    ...callOf(call),
    startedAt: startedAt * 1000,
    answeredAt: answeredAt && answeredAt * 1000,
    endedAt: endedAt && endedAt * 1000,
    seconds: isTimed ? Math.max(0, endedAt - answeredAt) : undefined,
  }
}

function callOf({ id, peer, direction, state, reason }: Call | TrackedCall) {
  return { id, peer, direction, state, reason }
}

function soundOf(calls: SessionCalls | undefined, { id, state }: Call): CallSound | undefined {
  if (!calls || state === 'ended') return undefined
  const stats = statsOf(calls, id)
  if (!stats) return undefined
  const { codec, isMuted, playing, recording, hasBrowser, hasLine, sent, received, relays } = stats
  return {
    codec,
    isMuted,
    playing,
    recording,
    hasBrowser,
    hasLine,
    sent: sent.packets,
    received: received.packets,
    lost: received.lost,
    undecodable: received.undecodable,
    relays: {
      connected: relays.filter(({ state }) => state.name === 'allocated').length,
      known: relays.length,
    },
  }
}

function statsOf(calls: SessionCalls, id: string): CallMediaStats | undefined {
  try {
    return calls.mediaOf(id).stats
  } catch (error) {
    // It rings and has no relay, or has ended just now.
    if (error instanceof ApiError) return undefined
    throw error
  }
}
