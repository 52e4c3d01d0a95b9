import { secretsOf } from '../../delivery/secrets-of.ts'
import type { Event } from '../../events/event.ts'
import { hasLinkingCode } from '../../events/linking-codes.ts'
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
import { type DescribedDelivery, describeDeliveries } from './described-deliveries.ts'
import { ownTarget } from './targets.ts'
import { toldIn } from './telling.ts'

/** The newest deliveries that match, newest first. */
export async function lastDeliveries(services: Services, filter: DeliveryFilter): Promise<LoggedDelivery[]> {
  return withoutSecrets(services, await listDeliveries(services.db, filter))
}

/** All that is known of one delivery. */
export interface DeliveryDetails extends DescribedDelivery {
  /** The newest attempts, oldest first; of one that succeeded only time, duration and status may be known. */
  log: Attempt[]
  /** What the receiver is told, as JSON text without secrets and files; absent where it is told nothing any more. */
  told?: string
}

/** A delivery with its attempts and what it tells. Throws `not_found`. */
export async function deliveryDetails(services: Services, id: string): Promise<DeliveryDetails> {
  const known = await existingDelivery(services, id)
  const shown = await shownOne(services, known)
  const hidden = await secretsIn(services, known)
  const attempts = await listAttempts(services.db, known.seq)
  const log = attempts.map((attempt) => ({
    ...attempt,
    request: redact(attempt.request, hidden),
    answer: redact(attempt.answer, hidden),
  }))
  const told = await toldIn(services, known)
  return { ...shown, log: [...log, ...successOf(known, attempts.at(-1))], ...(told && { told: told.body }) }
}

/** The attempt that succeeded, which is a row of its own only where all attempts are kept. */
function successOf({ state, finishedAt, latencyMs, status }: LoggedDelivery, last?: Attempt): Attempt[] {
  if (state !== 'delivered' || finishedAt === undefined || latencyMs === undefined) return []
  const isKept =
    last !== undefined && last.status === status && last.at + last.latencyMs >= finishedAt - 1_000
  return isKept ? [] : [{ at: finishedAt - latencyMs, latencyMs, status, request: '', answer: '' }]
}

/** The same of the caller's own deliveries, without the codes of a linking. Throws `not_found`. */
export async function ownDeliveryDetails(scope: UserScope, id: string): Promise<DeliveryDetails> {
  await requireOwn(scope, id)
  const { told, log, ...details } = await deliveryDetails(scope.services, id)
  // Whoever has a key to look with must not be able to link a phone.
  if (hasLinkingCode(details.type))
    return { ...details, log: log.map((attempt) => ({ ...attempt, request: '' })) }
  return { ...details, log, ...(told !== undefined && { told }) }
}

/** Makes one of the caller's own deliveries again. Throws `not_found`. */
export async function redeliverOwn(scope: UserScope, id: string): Promise<DescribedDelivery> {
  await requireOwn(scope, id)
  return redeliver(scope.services, id)
}

/** What goes to receivers that all share is told to operators alone. */
async function requireOwn({ user, services }: UserScope, id: string): Promise<void> {
  const known = await findDelivery(services.db, id)
  if (known?.userId !== user.id || services.webhooks.isShared(known.target)) throw noSuchDelivery()
}

function noSuchDelivery(): ApiError {
  return new ApiError('not_found', { text: 'there is no such delivery' })
}

async function existingDelivery(services: Services, id: string): Promise<LoggedDelivery> {
  const known = await findDelivery(services.db, id)
  if (!known) throw noSuchDelivery()
  return known
}

/** Makes a delivery again, at once and with all its attempts, whatever became of it. Throws `not_found`. */
export async function redeliver(services: Services, id: string): Promise<DescribedDelivery> {
  const known = await existingDelivery(services, id)
  await repeatDelivery(services.db, {
    id,
    destination: services.webhooks.destinationOf(known.target, known.userId),
  })
  services.events.announceDeliveries()
  return shownOne(services, (await findDelivery(services.db, id)) ?? known)
}

async function shownOne(services: Services, delivery: LoggedDelivery): Promise<DescribedDelivery> {
  const [shown] = await describeDeliveries(services, await withoutSecrets(services, [delivery]))
  return shown ?? { ...delivery, event: delivery.type, chatName: '', person: '', text: '' }
}

/** Sends a test event to one webhook of the caller. Throws `not_found`, or `conflict` when it has no address. */
export async function testOwnWebhook(scope: UserScope, target: string): Promise<DescribedDelivery[]> {
  await ownTarget(scope, target)
  return recordTest(scope, target)
}

/**
 * Sends a test event to every receiver of a user, whatever the subscriptions, and tells its deliveries as they begin.
 * Throws `not_found`, or `conflict` when nobody would get it.
 */
export async function sendTestEvent(services: Services, userId: string): Promise<DescribedDelivery[]> {
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

async function recordTest({ user, services }: UserScope, only?: string): Promise<DescribedDelivery[]> {
  const id = newId()
  await services.events.record(user.id, [testEvent()], { ids: [id], only })
  const deliveries = await listDeliveries(services.db, { eventId: derivedId(user.id, id), limit: 50 })
  if (deliveries.length === 0) throw new ApiError('conflict', { text: 'this user has no webhook' })
  return describeDeliveries(services, await withoutSecrets(services, deliveries))
}

/** A receiver may answer with what it was sent: the secrets are taken out, also those that have come since. */
export async function withoutSecrets(
  services: Services,
  deliveries: LoggedDelivery[],
): Promise<LoggedDelivery[]> {
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
