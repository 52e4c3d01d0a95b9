import { derivedId } from '../../lib/ids.ts'
import type { NewDelivery } from './deliveries.ts'

/** A delivery of an event of this user. Deliveries of one chat stay in order; those without a chat share a lane. */
export function newDelivery(
  event: { id: string; userId: string; chat: string },
  { target, destination }: Pick<NewDelivery, 'target' | 'destination'>,
): NewDelivery {
  return {
    id: deliveryId(event.id, target),
    eventId: event.id,
    userId: event.userId,
    target,
    lane: `${target}:${event.userId}:${event.chat}`,
    destination,
  }
}

/** The id of the delivery of an event to a target: there is never more than one. */
export function deliveryId(eventId: string, target: string): string {
  return derivedId(eventId, target)
}
