import { ApiError } from '../../../../lib/errors.ts'
import { lastDeliveries, testWebhooks } from '../../../../operations/deliveries/deliveries.ts'
import {
  addNumberedWebhook,
  changeNumberedWebhook,
  type NumberedWebhook,
  numberedWebhook,
  numberedWebhooks,
  removeNumberedWebhook,
} from '../../../../operations/deliveries/numbered-webhooks.ts'
import type { UserScope } from '../../../../operations/services.ts'
import type { WebhookPatch } from '../../../../store/delivery/webhooks.ts'
import { slot, TEST } from '../../events/names.ts'
import { accepts, refusals } from '../../events/webhook.ts'

const LOG_LENGTH = 100

/** The webhooks of the device, oldest first. */
export async function webhooksOfDevice(scope: UserScope) {
  const found = await numberedWebhooks(scope, slot)
  return found.map((webhook) => ({ userId: scope.user.id, webhook }))
}

/** Adds a webhook. Throws `conflict` when the device has as many as the settings allow. */
export async function createWebhook(
  scope: UserScope,
  patch: { url: string; events: string },
): Promise<NumberedWebhook> {
  const most = scope.services.config.webhookMaxPerDevice
  try {
    return await addNumberedWebhook(scope, { slot, patch, most })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'conflict')) throw error
    throw new ApiError('invalid_field', { text: 'Webhook limit reached' }, { cause: error })
  }
}

/** Changes a webhook of the device. Throws `not_found`. */
export function changeWebhookOfDevice(
  scope: UserScope,
  { number, patch }: { number: number; patch: WebhookPatch },
): Promise<void> {
  return changeNumberedWebhook(scope, { slot, number, patch })
}

/** Removes a webhook of the device. Throws `not_found`. */
export function removeWebhookOfDevice(scope: UserScope, number: number): Promise<void> {
  return removeNumberedWebhook(scope, { slot, number })
}

/** Sends a test to all active webhooks of the device that take it, once one of them is named. Throws `not_found`. */
export async function tryWebhooks(scope: UserScope, number: number): Promise<void> {
  await numberedWebhook(scope, { slot, number })
  const all = await numberedWebhooks(scope, slot)
  const taking = all.filter(({ isActive, events }) => isActive && accepts(events, TEST))
  await testWebhooks(
    scope,
    taking.map(({ target }) => target),
  )
}

/** A delivery as the log of its webhook has it. */
export interface Delivered {
  id: number
  number: number
  event: string
  status: 'pending' | 'success' | 'failed' | 'retrying'
  attempts: number
  error: string
  /** Unix milliseconds. */
  createdAt: number
  updatedAt: number
}

/** The newest deliveries of a webhook of the device, newest first, without those nobody wanted. Throws `not_found`. */
export async function deliveriesOf(scope: UserScope, number: number): Promise<Delivered[]> {
  const { target } = await numberedWebhook(scope, { slot, number })
  const { services, user } = scope
  const log = await lastDeliveries(services, { userId: user.id, target, limit: LOG_LENGTH })
  return log
    .filter(({ state }) => state !== 'dropped')
    .map((delivery) => {
      const { state, answer = '' } = delivery
      // What was refused before anything was sent has no attempts.
      const attempts = Object.values(refusals).includes(answer) ? 0 : delivery.attempts
      const status = statusOf({ state, attempts, isOver: attempts >= services.config.webhookRetryLimit })
      const error = delivery.status === undefined ? answer : `HTTP ${delivery.status}: ${answer}`
      return {
        id: delivery.seq,
        number,
        event: delivery.part.replace(/#\d+$/, ''),
        status,
        attempts,
        error: status === 'success' || status === 'pending' ? '' : error,
        createdAt: delivery.createdAt,
        updatedAt: delivery.finishedAt ?? delivery.createdAt,
      }
    })
}

/** After the attempts of the document a delivery has failed; those of the server's own schedule may still come. */
function statusOf({
  state,
  attempts,
  isOver,
}: {
  state: string
  attempts: number
  isOver: boolean
}): Delivered['status'] {
  if (state === 'delivered') return 'success'
  if (state === 'dead' || isOver) return 'failed'
  return attempts === 0 ? 'pending' : 'retrying'
}
