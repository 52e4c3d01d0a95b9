import { derivedId } from '../../lib/ids.ts'
import { storable } from '../database/storable.ts'
import type { NewDelivery } from './deliveries.ts'

/**
 * A delivery of an event of this user, or of a part of what is told of it. Deliveries of one chat stay in order; those
 * without a chat share a lane.
 */
export function newDelivery(
  event: { id: string; userId: string; chat: string },
  { target, destination, part = '' }: Pick<NewDelivery, 'target' | 'destination' | 'part'>,
): NewDelivery {
  return {
    id: deliveryId(event.id, target, part),
    eventId: event.id,
    userId: event.userId,
    target,
    part,
    // Lanes are told apart in memory, too.
    lane: storable(`${target}:${event.userId}:${event.chat}`),
    destination,
  }
}

/** The id of the delivery of an event, or of a part of it, to a target: there is never more than one. */
export function deliveryId(eventId: string, target: string, part = ''): string {
  return part === '' ? derivedId(eventId, target) : derivedId(eventId, target, part)
}
