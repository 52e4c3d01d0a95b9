import type { Event } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { newId } from '../../lib/ids.ts'
import type { PendingDelivery } from '../../store/delivery/deliveries.ts'
import { getDestination } from '../../store/delivery/destinations.ts'
import { type Acknowledged, acknowledge, handOut, leaseDeliveries } from '../../store/delivery/pull.ts'
import type { Services, UserScope } from '../services.ts'
import { ownTarget } from './targets.ts'

/** A delivery as its receiver fetches it. */
export interface PulledDelivery {
  id: string
  eventId: string
  /** Internal name of the event. */
  type: string
  chat: string
  /** How often it has been handed out, with this time. */
  attempt: number
  /** When it was recorded, in milliseconds. */
  at: number
  /** What a webhook would have got, as JSON text. */
  body: string
}

export interface Leased {
  deliveries: PulledDelivery[]
  /** Until when nobody else gets these and what follows them in their chats, in milliseconds. */
  until: number
}

// An answer is in memory as a whole, and bodies may hold files.
const MAX_BODY_LENGTH = 32_000_000
/** How long one call waits for files in all, and for each when that time is over: long enough for one that is there. */
const FILES_MS = 10_000
const FILE_MS = 250

/** Which of a user's own webhooks. */
interface OfTarget {
  target: string
}

/**
 * Hands out a user's oldest deliveries, each chat in order and none to two callers at once. What is not acknowledged
 * before the lease ends is handed out again. Throws `conflict` unless the user's deliveries are pulled.
 */
export async function leaseOwn(
  { user, services }: UserScope,
  { target, limit, seconds }: OfTarget & { limit: number; seconds: number },
): Promise<Leased> {
  const destination = await ownTarget({ user, services }, target)
  const now = Date.now()
  const startedAt = performance.now()
  const given = { destination, lease: `pull:${newId()}`, now, until: now + seconds * 1_000 }
  const isPaused = await checkPulled(services, destination)
  if (isPaused) return { deliveries: [], until: given.until }

  const leased = await leaseDeliveries(services.db, { ...given, limit })
  const handed: PulledDelivery[] = []
  const sources: PendingDelivery[] = []
  const ended: Parameters<typeof handOut>[2]['ended'] = []
  const blocked = new Set<string>()
  let length = 0
  // Deliveries without a file come behind, and want some of the time, too.
  const filesUntil = startedAt + Math.min(FILES_MS, seconds * 250)
  for (const delivery of leased) {
    // The caller needs what is left of the lease.
    if (length > MAX_BODY_LENGTH || performance.now() - startedAt > seconds * 500) break
    if (blocked.has(delivery.lane)) continue
    const patienceMs = Math.max(FILE_MS, filesUntil - performance.now())
    const encoding = await services.encodeDelivery(delivery, patienceMs)
    if (encoding.kind === 'dropped')
      ended.push({ id: delivery.id, state: 'dropped', answer: encoding.reason })
    else if (encoding.kind === 'encoded') {
      length += encoding.encoded.body.length
      handed.push(toPulled(delivery, encoding.encoded.body))
      sources.push(delivery)
    } else if (encoding.isFinal) ended.push({ id: delivery.id, state: 'dead', answer: encoding.answer })
    // Its file is still being fetched, or may be there later; until then its chat waits.
    else blocked.add(delivery.lane)
  }
  await handOut(services.db, given, { handed: sources, ended })
  return { deliveries: handed, until: given.until }
}

/**
 * Ends deliveries that the user has taken, in the order of their chats; an acknowledgement may be repeated. Throws
 * `conflict` unless the user's deliveries are pulled.
 */
export async function acknowledgeOwn(
  { user, services }: UserScope,
  { target, ids }: OfTarget & { ids: string[] },
): Promise<Acknowledged> {
  await checkPulled(services, await ownTarget({ user, services }, target))
  return acknowledge(services.db, { userId: user.id, target, ids, now: Date.now() })
}

/** Whether handing out is paused. */
async function checkPulled(services: Services, destination: string): Promise<boolean> {
  const known = await getDestination(services.db, destination)
  if (!known?.isPulled) throw new ApiError('conflict', { text: 'deliveries are sent, not pulled' })
  return known.pausedAt !== undefined
}

function toPulled(delivery: PendingDelivery, body: string): PulledDelivery {
  // The payload is what the bus stored, and only events are.
  const event = JSON.parse(delivery.payload) as Event
  return {
    id: delivery.id,
    eventId: delivery.eventId,
    type: event.type,
    chat: 'chat' in event && typeof event.chat === 'string' ? event.chat : '',
    attempt: delivery.attempt + 1,
    at: delivery.at,
    body,
  }
}
