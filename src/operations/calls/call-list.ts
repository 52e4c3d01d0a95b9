import type { CallMediaStats } from '../../calls/call-media.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Call, SessionCalls } from '../../whatsapp/calls/calls.ts'
import type { UserScope } from '../services.ts'
import { requireCalls } from './own-calls.ts'
import { trackedCalls } from './tracked-calls.ts'

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
  /** Of calls that this server takes part in; instants in Unix milliseconds. */
  own?: Pick<Call, 'startedAt' | 'answeredAt' | 'endedAt'> & { seconds: number; sound?: CallSound }
}

/**
 * The calls of the last days, newest first: those this server takes part in, or has in the last minutes, and those whose
 * signals are stored. Throws `no_session`.
 */
export async function listCalls(scope: UserScope): Promise<ListedCall[]> {
  const { user, services } = scope
  const { calls } = services.sessions.live(user.id)
  const own = (calls?.list() ?? []).map((call) => listed(call, soundOf(calls, call)))
  const ids = new Set(own.map(({ id }) => id))
  const others = (await trackedCalls(scope)).filter(({ id }) => !ids.has(id))
  const merged = [
    ...own.map((call) => ({ call, at: call.own?.startedAt ?? 0 })),
    ...others.map((call) => ({ call: callOf(call), at: call.startedAt * 1000 })),
  ]
  return merged.sort((one, other) => other.at - one.at).map(({ call }) => call)
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

function callOf({ id, peer, direction, state, reason }: ListedCall): ListedCall {
  return { id, peer, direction, state, reason }
}

function listed(call: Call, sound: CallSound | undefined, now = Date.now()): ListedCall {
  const { startedAt, answeredAt, endedAt } = call
  const seconds = answeredAt === undefined ? 0 : Math.max(0, (endedAt ?? now) - answeredAt) / 1000
  return { ...callOf(call), own: { startedAt, answeredAt, endedAt, seconds, sound } }
}

function soundOf(calls: SessionCalls | undefined, { id, state }: Call): CallSound | undefined {
  if (!calls || state === 'ended') return undefined
  const stats = statsOf(calls, id)
  if (!stats) return undefined
  const { codec, isMuted, playing, recording, hasBrowser, hasLine, sent, received } = stats
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
