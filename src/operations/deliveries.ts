import type { Event } from '../events/event.ts'
import { destinationOf } from '../events/targets.ts'
import { ApiError } from '../lib/errors.ts'
import { derivedId, newId } from '../lib/ids.ts'
import { addressSecrets, redact } from '../lib/redact.ts'
import { type Attempt, listAttempts } from '../store/attempts.ts'
import {
  type DeliveryFilter,
  findDelivery,
  type LoggedDelivery,
  listDeliveries,
  repeatDelivery,
} from '../store/delivery-log.ts'
import { getDialectWebhooks } from '../store/dialect-webhooks.ts'
import { getUser } from '../store/users.ts'
import { existingUser } from './admin.ts'
import type { Services } from './services.ts'

/** The newest deliveries that match, newest first. */
export async function lastDeliveries(services: Services, filter: DeliveryFilter): Promise<LoggedDelivery[]> {
  return redacted(services, await listDeliveries(services.db, filter))
}

/** A delivery with its newest attempts, oldest first. Throws `not_found`. */
export async function deliveryDetails(
  services: Services,
  id: string,
): Promise<LoggedDelivery & { log: Attempt[] }> {
  const known = await existingDelivery(services, id)
  const [shown = known] = await redacted(services, [known])
  return { ...shown, log: await listAttempts(services.db, known.seq) }
}

async function existingDelivery(services: Services, id: string): Promise<LoggedDelivery> {
  const known = await findDelivery(services.db, id)
  if (!known) throw new ApiError('not_found', { text: 'there is no such delivery' })
  return known
}

/** Makes a delivery again, at once and with all its attempts, whatever became of it. Throws `not_found`. */
export async function redeliver(services: Services, id: string): Promise<LoggedDelivery> {
  const known = await existingDelivery(services, id)
  await repeatDelivery(services.db, { id, destination: destinationOf(known.target, known.userId) })
  services.events.announceDeliveries()
  const repeated = (await findDelivery(services.db, id)) ?? known
  return (await redacted(services, [repeated]))[0] ?? repeated
}

/**
 * Sends a test event to every receiver of a user, whatever the subscriptions, and tells its deliveries as they begin.
 * Throws `not_found`, or `conflict` when nobody would get it.
 */
export async function sendTestEvent(services: Services, userId: string): Promise<LoggedDelivery[]> {
  const user = await existingUser(services, userId)
  const id = newId()
  const event: Event = { type: 'test', timestamp: Math.floor(Date.now() / 1000) }
  await services.events.record(user.id, [event], { ids: [id] })
  const deliveries = await listDeliveries(services.db, { eventId: derivedId(user.id, id), limit: 10 })
  if (deliveries.length === 0) throw new ApiError('conflict', { text: 'this user has no webhook' })
  return redacted(services, deliveries)
}

/** A receiver may answer with what it was sent: the secrets of its user are taken out. */
async function redacted(services: Services, deliveries: LoggedDelivery[]): Promise<LoggedDelivery[]> {
  const { config, db, secrets } = services
  return Promise.all(
    deliveries.map(async (delivery) => {
      if (!delivery.answer) return delivery
      const user = await getUser(db, secrets, delivery.userId)
      const webhooks = await getDialectWebhooks(db, delivery.userId)
      const hidden = [
        user?.token,
        user?.hmacKey,
        config.adminToken,
        config.apiKey,
        config.globalHmacKey,
        ...addressSecrets(user?.webhook),
        ...addressSecrets(config.globalWebhook),
        ...[...webhooks.values()].flatMap(({ url }) => addressSecrets(url)),
      ]
      return { ...delivery, answer: redact(delivery.answer, hidden) }
    }),
  )
}
