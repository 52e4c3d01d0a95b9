import { changeWebhook, readWebhook, readWebhooks } from '../../../operations/deliveries/webhooks.ts'
import type { Services, UserScope } from '../../../operations/services.ts'
import { type UserStatus, userStatus } from '../../../operations/sessions/sessions.ts'
import type { Webhook, WebhookPatch } from '../../../store/delivery/webhooks.ts'
import { slot } from '../events/names.ts'

/** A session as this dialect shows one: its webhook is a part of it. */
export interface Account extends UserStatus {
  webhook: Webhook
}

/** The webhook that is a part of the caller's session. */
export function readOwnWebhook(scope: UserScope): Promise<Webhook> {
  return readWebhook(scope, slot)
}

/** Changes it, and yields it as it then is. */
export function changeOwnWebhook(scope: UserScope, patch: WebhookPatch): Promise<Webhook> {
  return changeWebhook(scope, slot, patch)
}

/** The caller's session with its webhook. */
export async function readAccount(scope: UserScope): Promise<Account> {
  return { ...(await userStatus(scope)), webhook: await readOwnWebhook(scope) }
}

/** The same of sessions whose state is known, in their order. */
export async function withWebhooks(services: Services, statuses: UserStatus[]): Promise<Account[]> {
  const webhookOf = await readWebhooks(services, slot)
  return statuses.map((status) => ({ ...status, webhook: webhookOf(status.user) }))
}
