import { changeWebhook, readWebhook, readWebhooks } from '../../../operations/deliveries/webhooks.ts'
import type { Services, UserScope } from '../../../operations/services.ts'
import type { UserStatus } from '../../../operations/sessions/sessions.ts'
import type { Webhook, WebhookPatch } from '../../../store/delivery/webhooks.ts'
import type { User } from '../../../store/users/users.ts'
import { slot } from '../events/webhook.ts'

/** A user as wuzapi shows one: its webhook is a part of it. */
export type Account = User & Pick<Webhook, 'events' | 'hmacKey'> & { webhook: string }

/** The state of an account's session. */
export type AccountStatus = UserStatus & { user: Account }

function accountOf(user: User, { url, events, hmacKey }: Webhook): Account {
  return { ...user, webhook: url, events, hmacKey }
}

/** The webhook that is a part of the caller's account. */
export function readOwnWebhook(scope: UserScope): Promise<Webhook> {
  return readWebhook(scope, slot)
}

/** Changes it, and yields it as it then is. */
export function changeOwnWebhook(scope: UserScope, patch: WebhookPatch): Promise<Webhook> {
  return changeWebhook(scope, slot, patch)
}

/** The caller's account. */
export async function ownAccount(scope: UserScope): Promise<Account> {
  return accountOf(scope.user, await readOwnWebhook(scope))
}

/** An account with the state of its session. */
export async function withWebhook(services: Services, status: UserStatus): Promise<AccountStatus> {
  return { ...status, user: await ownAccount({ user: status.user, services }) }
}

/** The accounts of users whose state is known, in their order. */
export async function withWebhooks(services: Services, statuses: UserStatus[]): Promise<AccountStatus[]> {
  const webhookOf = await readWebhooks(services, slot)
  return statuses.map((status) => ({ ...status, user: accountOf(status.user, webhookOf(status.user)) }))
}
