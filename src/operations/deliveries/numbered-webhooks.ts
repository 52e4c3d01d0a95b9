import { ApiError } from '../../lib/errors.ts'
import { randomBytes } from '../../lib/random.ts'
import { isAboutMissingRow } from '../../store/database/database.ts'
import { parseWebhookId } from '../../store/delivery/webhook-ids.ts'
import {
  deleteWebhook,
  getWebhooks,
  insertNumberedWebhook,
  type Webhook,
  type WebhookPatch,
} from '../../store/delivery/webhooks.ts'
import type { UserScope } from '../services.ts'
import { changeWebhook, readWebhook } from './webhooks.ts'

/** A webhook that is known by a number, which nobody else's webhook of its slot has. */
export interface NumberedWebhook extends Webhook {
  number: number
  target: string
}

/** One of them. */
export interface WebhookNumber {
  slot: string
  number: number
}

/** The numbered webhooks of a user in a slot, oldest first. */
export async function numberedWebhooks(
  { user, services }: UserScope,
  slot: string,
): Promise<NumberedWebhook[]> {
  const known = await getWebhooks(services.db, services.secrets, user.id)
  return [...known.values()]
    .filter((webhook) => webhook.slot === slot)
    .flatMap((webhook) => {
      const { target } = parseWebhookId(webhook.id)
      const [, number] = /\/(\d+)$/.exec(target) ?? []
      return number === undefined ? [] : [{ ...webhook, target, number: Number(number) }]
    })
    .sort((a, b) => a.number - b.number)
}

/** The one with this number. Throws `not_found`. */
export async function numberedWebhook(
  scope: UserScope,
  { slot, number }: WebhookNumber,
): Promise<NumberedWebhook> {
  const all = await numberedWebhooks(scope, slot)
  const found = all.find((webhook) => webhook.number === number)
  if (!found) throw new ApiError('not_found', { text: 'webhook not found' })
  return found
}

/**
 * Adds one, with a secret of its own unless one is given. Throws `conflict` when the user has `most` of them, and
 * `unauthorized` when the user was deleted meanwhile.
 */
export async function addNumberedWebhook(
  scope: UserScope,
  { slot, patch, most }: { slot: string; patch: WebhookPatch; most: number },
): Promise<NumberedWebhook> {
  const { db, secrets } = scope.services
  const keyed = { ...patch, hmacKey: patch.hmacKey || randomBytes(SECRET_BYTES).toString('hex') }
  const number = await insertNumberedWebhook(db, secrets, {
    slot,
    userId: scope.user.id,
    patch: keyed,
    most,
  }).catch((error: unknown) => {
    throw isAboutMissingRow(error) ? new ApiError('unauthorized') : error
  })
  if (number === undefined) throw new ApiError('conflict', { text: `there are ${most} webhooks already` })
  const target = `${slot}/${number}`
  return { ...(await readWebhook(scope, target)), target, number }
}

/** Changes it. Throws `not_found`. */
export async function changeNumberedWebhook(
  scope: UserScope,
  { patch, ...which }: WebhookNumber & { patch: WebhookPatch },
): Promise<void> {
  const { target } = await numberedWebhook(scope, which)
  await changeWebhook(scope, target, patch)
}

/** Removes it; what waits for it is dropped. Throws `not_found`. */
export async function removeNumberedWebhook(scope: UserScope, which: WebhookNumber): Promise<void> {
  const { target } = await numberedWebhook(scope, which)
  await deleteWebhook(scope.services.db, scope.user.id, target)
}

const SECRET_BYTES = 32
