import { derivedId } from '../lib/ids.ts'
import type { NewDelivery } from '../store/deliveries.ts'
import type { Event } from './event.ts'

/** The webhooks an event can go to: the user's own and the one of all users. */
export type WebhookTarget = 'user' | 'global'

/** Where deliveries go: a webhook, the message queue, or the queue of webhook deliveries that were given up. */
export type Target = WebhookTarget | 'amqp' | `amqp-error:${WebhookTarget}`

/** Everything that ends in RabbitMQ counts as one receiver. */
export const QUEUE_DESTINATION = 'amqp'

/** Which receivers there are for the events of a user. */
export interface Receivers {
  webhook: boolean
  globalWebhook: boolean
  queue: boolean
}

/** The targets of an event. `isSubscribed` says whether the user wants events of this kind. */
export function targetsOf(event: Event, receivers: Receivers, isSubscribed: boolean): Target[] {
  // wuzapi: what the API itself sent is told to the queue alone, and to it whatever the subscriptions.
  if (event.type === 'message.sent') return receivers.queue ? ['amqp'] : []
  if (!isSubscribed && event.type !== 'test') return []
  return [
    ...(receivers.webhook ? (['user'] as const) : []),
    ...(receivers.globalWebhook ? (['global'] as const) : []),
    ...(receivers.queue ? (['amqp'] as const) : []),
  ]
}

/** A delivery of an event of this user. Deliveries of one chat stay in order; those without a chat share a lane. */
export function newDelivery(
  event: { id: string; userId: string; chat: string },
  target: Target,
): NewDelivery {
  return {
    id: deliveryId(event.id, target),
    eventId: event.id,
    userId: event.userId,
    target,
    lane: `${target}:${event.userId}:${event.chat}`,
    destination: destinationOf(target, event.userId),
  }
}

/** What limits count by: everything that ends at one receiver. */
export function destinationOf(target: string, userId: string): string {
  if (target.startsWith('amqp')) return QUEUE_DESTINATION
  return target === 'global' ? 'global' : `${target}:${userId}`
}

/** The id of the delivery of an event to a target: there is never more than one. */
export function deliveryId(eventId: string, target: Target): string {
  return derivedId(eventId, target)
}

/** The delivery that reports a webhook delivery which was given up; nothing for other targets. */
export function errorReport(given: {
  eventId: string
  userId: string
  target: string
}): NewDelivery | undefined {
  if (!isWebhook(given.target)) return undefined
  const event = { id: given.eventId, userId: given.userId, chat: '' }
  return newDelivery(event, `amqp-error:${given.target}`)
}

/** The webhook whose failure a target reports; nothing for other targets. */
export function reportedWebhook(target: string): WebhookTarget | undefined {
  const [prefix, webhook = ''] = target.split(':')
  return prefix === 'amqp-error' && isWebhook(webhook) ? webhook : undefined
}

function isWebhook(target: string): target is WebhookTarget {
  return target === 'user' || target === 'global'
}
