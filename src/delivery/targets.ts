import type { NewDelivery } from '../store/delivery/deliveries.ts'
import { newDelivery } from '../store/delivery/new-delivery.ts'

/**
 * Where deliveries go: the id of a webhook without its user (`<slot>`, or `<slot>/<key>` for a further one), the name
 * of a webhook that all users share, `amqp` (the message queue), or `amqp-error:` and a webhook: reports of what was
 * given up.
 */
export type Target = string

/** Everything that ends in the message queue counts as one receiver. */
export const QUEUE_DESTINATION = 'amqp'

/** The id of a user's webhook: what limits, breakers and secrets of its receiver go by. */
export function webhookId(target: Target, userId: string): string {
  const { slot, key } = parseTarget(target)
  return `${slot}:${userId}${key && `/${key}`}`
}

/** The target and the user in the id of a webhook; a shared one has no user. */
export function parseWebhookId(id: string): { target: Target; userId: string } {
  const [slot = '', owner = ''] = id.split(':')
  const [userId = '', key = ''] = owner.split('/')
  return { target: key ? `${slot}/${key}` : slot, userId }
}

/** The slot and the key in a target; the first webhook of a slot has no key. */
export function parseTarget(target: Target): { slot: string; key: string } {
  const [slot = '', key = ''] = target.split('/')
  return { slot, key }
}

/** Whether deliveries end in the message queue. */
export function isQueued(target: Target): boolean {
  return target.startsWith(QUEUE_DESTINATION)
}

/** The delivery that reports a webhook delivery which was given up; nothing for other targets. */
export function errorReport(given: {
  eventId: string
  userId: string
  target: Target
}): NewDelivery | undefined {
  if (isQueued(given.target)) return undefined
  const event = { id: given.eventId, userId: given.userId, chat: '' }
  return newDelivery(event, {
    target: `${QUEUE_DESTINATION}-error:${given.target}`,
    destination: QUEUE_DESTINATION,
  })
}

/** The webhook whose failure a target reports; nothing for other targets. */
export function reportedWebhook(target: Target): Target | undefined {
  const [prefix, webhook] = target.split(':')
  return prefix === `${QUEUE_DESTINATION}-error` ? webhook : undefined
}
