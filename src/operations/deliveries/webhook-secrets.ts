import { isWebhookSecret, newWebhookSecret } from '../../delivery/signature.ts'
import { QUEUE_DESTINATION } from '../../delivery/targets.ts'
import { ApiError } from '../../lib/errors.ts'
import {
  deleteWebhookSecret,
  getWebhookSecret,
  putWebhookSecret,
  type WebhookSecret,
} from '../../store/delivery/webhook-secrets.ts'
import type { Services } from '../services.ts'
import { existingTarget, type TargetName } from './targets.ts'

/** How long the old secret signs beside the new one, unless said otherwise: a day to change the receiver. */
const GRACE_SECONDS = 86_400

/** What to put in place of a secret. */
export interface NewSecret {
  id: string
  /** A new one is made when left out. */
  secret?: string
  /** How long the old one stays valid, in seconds. */
  graceSeconds?: number
}

/** The secrets that sign what a target gets. Throws `not_found` when it has none. */
export async function readSecret(services: Services, id: string): Promise<WebhookSecret> {
  const { name } = await signedTarget(services, id)
  const known = await getWebhookSecret(services.db, services.secrets, name)
  if (!known) throw new ApiError('not_found', { text: 'there is no secret' })
  return known
}

/** Gives a target a secret; the one it had stays valid for a while. */
export async function rotateSecret(services: Services, given: NewSecret): Promise<WebhookSecret> {
  const { db, secrets } = services
  const target = await signedTarget(services, given.id)
  const { secret = newWebhookSecret(), graceSeconds = GRACE_SECONDS } = given
  if (!isWebhookSecret(secret)) {
    throw new ApiError('invalid_field', { text: 'secret must be whsec_ and the base64 of 24 to 64 bytes' })
  }
  const old = await getWebhookSecret(db, secrets, target.name)
  const hasGrace = old !== undefined && graceSeconds > 0 && old.secret !== secret
  const next = {
    secret,
    previous: hasGrace ? old.secret : '',
    previousUntil: hasGrace ? Date.now() + graceSeconds * 1_000 : 0,
  }
  await putWebhookSecret(db, secrets, target, next)
  return next
}

/** Signs no longer with the headers of Standard Webhooks. */
export async function removeSecret(services: Services, id: string): Promise<void> {
  const { name } = await signedTarget(services, id)
  await deleteWebhookSecret(services.db, name)
}

async function signedTarget(services: Services, id: string): Promise<TargetName> {
  const target = await existingTarget(services, id)
  if (target.name === QUEUE_DESTINATION) throw new ApiError('conflict', { text: 'only webhooks are signed' })
  return target
}
