import type { NewDelivery } from '../store/delivery/deliveries.ts'
import { newDelivery } from '../store/delivery/new-delivery.ts'

/**
 * Where deliveries go: the id of a webhook without its user (`<slot>`, or `<slot>/<key>` for a further one), the name
 * of a webhook that all users share, `pipe` (the program that has started this one), `amqp` (the message queue), or
 * `amqp-error:` and a webhook: reports of what was given up.
 */
export type Target = string

/** Everything that ends in the message queue counts as one receiver. */
export const QUEUE_DESTINATION = 'amqp'

/** Whoever reads standard output, where that is spoken; the deliveries of all users end there. */
export const PIPE = 'pipe'

/** Whether deliveries end in the message queue. */
export function isQueued(target: Target): boolean {
  return target.startsWith(QUEUE_DESTINATION)
}

/** Whether deliveries are requests to an address. */
export function isWebhook(target: Target): boolean {
  return target !== PIPE && !isQueued(target)
}

/** The delivery that reports a webhook delivery which was given up; nothing for other targets. */
export function errorReport(given: {
  eventId: string
  userId: string
  target: Target
  part: string
}): NewDelivery | undefined {
  if (isQueued(given.target)) return undefined
  const event = { id: given.eventId, userId: given.userId, chat: '' }
  return newDelivery(event, {
    target: `${QUEUE_DESTINATION}-error:${given.target}`,
    destination: QUEUE_DESTINATION,
    part: given.part,
  })
}

/** The webhook whose failure a target reports; nothing for other targets. */
export function reportedWebhook(target: Target): Target | undefined {
  const [prefix, webhook] = target.split(':')
  return prefix === `${QUEUE_DESTINATION}-error` ? webhook : undefined
}
