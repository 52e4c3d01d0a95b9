import type { Event } from '../events/event.ts'
import { derivedId } from '../lib/ids.ts'
import type { NewDelivery } from '../store/delivery/deliveries.ts'

/**
 * The webhooks an event can go to: `user` is the user's own in the words of wuzapi, `global` the one of all users, and
 * every other name that of a dialect with receivers of its own.
 */
export type WebhookTarget = string

/** Where deliveries go: a webhook, `amqp` (the message queue), or `amqp-error:` and a webhook: reports of what was given up. */
export type Target = string

/** Everything that ends in RabbitMQ counts as one receiver. */
export const QUEUE_DESTINATION = 'amqp'

/** Which receivers there are for the events of a user. */
export interface Receivers {
  webhook: boolean
  globalWebhook: boolean
  queue: boolean
  /** Names of the dialects whose receivers want the event. */
  dialects: string[]
}

/** The targets of an event. `isSubscribed` says whether the user wants events of this kind in the words of wuzapi. */
export function targetsOf(event: Event, receivers: Receivers, isSubscribed: boolean): Target[] {
  const { webhook, globalWebhook, queue, dialects } = receivers
  // wuzapi: what the API itself sent is told to the queue alone, and to it whatever the subscriptions.
  if (event.type === 'message.sent') return [...(queue ? ['amqp'] : []), ...dialects]
  if (!isSubscribed && event.type !== 'test') return dialects
  return [
    ...(webhook ? ['user'] : []),
    ...(globalWebhook ? ['global'] : []),
    ...(queue ? ['amqp'] : []),
    ...dialects,
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
  const [prefix, webhook] = target.split(':')
  return prefix === 'amqp-error' ? webhook : undefined
}

function isWebhook(target: string): boolean {
  return !target.startsWith('amqp')
}
