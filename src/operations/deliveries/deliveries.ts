import { secretsOf } from '../../delivery/secrets-of.ts'
import type { Event } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { derivedId, newId } from '../../lib/ids.ts'
import { redact } from '../../lib/secrets/redact.ts'
import { type Attempt, listAttempts } from '../../store/delivery/attempts.ts'
import {
  type DeliveryFilter,
  findDelivery,
  type LoggedDelivery,
  listDeliveries,
  repeatDelivery,
} from '../../store/delivery/delivery-log.ts'
import { getWebhookSecret } from '../../store/delivery/webhook-secrets.ts'
import { getWebhooks } from '../../store/delivery/webhooks.ts'
import { getUser } from '../../store/users/users.ts'
import { existingUser } from '../admin/admin.ts'
import type { Services, UserScope } from '../services.ts'
import { ownTarget } from './targets.ts'

/** The newest deliveries that match, newest first. */
export async function lastDeliveries(services: Services, filter: DeliveryFilter): Promise<LoggedDelivery[]> {
  return redacted(services, await listDeliveries(services.db, filter))
}

/**
 * A delivery with its newest attempts, oldest first; of one that succeeded only time, duration and status may be known, and
 * its texts are then empty. Throws `not_found`.
 */
export async function deliveryDetails(
  services: Services,
  id: string,
): Promise<LoggedDelivery & { log: Attempt[] }> {
  const known = await existingDelivery(services, id)
  const [shown = known] = await redacted(services, [known])
  const hidden = await secretsIn(services, known)
  const attempts = await listAttempts(services.db, known.seq)
  const log = attempts.map((attempt) => ({
    ...attempt,
    request: redact(attempt.request, hidden),
    answer: redact(attempt.answer, hidden),
  }))
  return { ...shown, log: [...log, ...successOf(known, attempts.at(-1))] }
}

/** The attempt that succeeded, which is a row of its own only where all attempts are kept. */
function successOf({ state, finishedAt, latencyMs, status }: LoggedDelivery, last?: Attempt): Attempt[] {
  if (state !== 'delivered' || finishedAt === undefined || latencyMs === undefined) return []
  const isKept =
    last !== undefined && last.status === status && last.at + last.latencyMs >= finishedAt - 1_000
  return isKept ? [] : [{ at: finishedAt - latencyMs, latencyMs, status, request: '', answer: '' }]
}

async function existingDelivery(services: Services, id: string): Promise<LoggedDelivery> {
  const known = await findDelivery(services.db, id)
  if (!known) throw new ApiError('not_found', { text: 'there is no such delivery' })
  return known
}

/** Makes a delivery again, at once and with all its attempts, whatever became of it. Throws `not_found`. */
export async function redeliver(services: Services, id: string): Promise<LoggedDelivery> {
  const known = await existingDelivery(services, id)
  await repeatDelivery(services.db, {
    id,
    destination: services.webhooks.destinationOf(known.target, known.userId),
  })
  services.events.announceDeliveries()
  const repeated = (await findDelivery(services.db, id)) ?? known
  return (await redacted(services, [repeated]))[0] ?? repeated
}

/** The newest deliveries of the caller to one webhook, newest first. Throws `not_found`. */
export async function ownDeliveries(
  scope: UserScope,
  { target, ...filter }: DeliveryFilter & { target: string },
): Promise<LoggedDelivery[]> {
  await ownTarget(scope, target)
  return lastDeliveries(scope.services, { ...filter, target, userId: scope.user.id })
}

/** Sends a test event to one webhook of the caller. Throws `not_found`, or `conflict` when it has no address. */
export async function testOwnWebhook(scope: UserScope, target: string): Promise<LoggedDelivery[]> {
  await ownTarget(scope, target)
  return recordTest(scope, target)
}

/**
 * Sends a test event to every receiver of a user, whatever the subscriptions, and tells its deliveries as they begin.
 * Throws `not_found`, or `conflict` when nobody would get it.
 */
export async function sendTestEvent(services: Services, userId: string): Promise<LoggedDelivery[]> {
  return recordTest({ user: await existingUser(services, userId), services })
}

/**
 * The same to those of the caller's webhooks that are named and on, and to nobody else; tells nothing of what becomes of it.
 */
export async function testWebhooks({ user, services }: UserScope, targets: string[]): Promise<void> {
  for (const target of targets)
    await services.events.record(user.id, [testEvent()], { ids: [newId()], only: target })
}

function testEvent(): Event {
  return { type: 'test', timestamp: Math.floor(Date.now() / 1000) }
}

async function recordTest({ user, services }: UserScope, only?: string): Promise<LoggedDelivery[]> {
  const id = newId()
  await services.events.record(user.id, [testEvent()], { ids: [id], only })
  const deliveries = await listDeliveries(services.db, { eventId: derivedId(user.id, id), limit: 50 })
  if (deliveries.length === 0) throw new ApiError('conflict', { text: 'this user has no webhook' })
  return redacted(services, deliveries)
}

/** A receiver may answer with what it was sent: the secrets are taken out, also those that have come since. */
async function redacted(services: Services, deliveries: LoggedDelivery[]): Promise<LoggedDelivery[]> {
  return Promise.all(
    deliveries.map(async (delivery) => {
      if (!delivery.answer) return delivery
      return { ...delivery, answer: redact(delivery.answer, await secretsIn(services, delivery)) }
    }),
  )
}

async function secretsIn(services: Services, { target, userId }: LoggedDelivery): Promise<string[]> {
  const { config, db, secrets, webhooks } = services
  return secretsOf({
    config,
    user: await getUser(db, secrets, userId),
    webhooks: (await getWebhooks(db, secrets, userId)).values(),
    signing: await getWebhookSecret(db, secrets, webhooks.destinationOf(target, userId)),
  })
}
