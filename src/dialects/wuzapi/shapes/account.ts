import { readWebhook, readWebhooks } from '../../../operations/deliveries/webhooks.ts'
import type { Services, UserScope } from '../../../operations/services.ts'
import type { UserStatus } from '../../../operations/sessions/sessions.ts'
import type { Webhook } from '../../../store/delivery/webhooks.ts'
import type { User } from '../../../store/users/users.ts'
import { slot } from '../events/webhook.ts'

/** A user as wuzapi shows one: its webhook is a part of it. */
export type Account = User & Pick<Webhook, 'events' | 'hmacKey'> & { webhook: string }

/** The state of an account's session. */
export type AccountStatus = UserStatus & { user: Account }

function accountOf(user: User, { url, events, hmacKey }: Webhook): Account {
  return { ...user, webhook: url, events, hmacKey }
}

/** The caller's account. */
export async function ownAccount(scope: UserScope): Promise<Account> {
  return accountOf(scope.user, await readWebhook(scope, slot))
}

/** The caller's account with the state of its session. */
export async function withWebhook({ services }: UserScope, status: UserStatus): Promise<AccountStatus> {
  return { ...status, user: await ownAccount({ user: status.user, services }) }
}

/** The accounts of users whose state is known, in their order. */
export async function withWebhooks(services: Services, statuses: UserStatus[]): Promise<AccountStatus[]> {
  const webhookOf = await readWebhooks(services, slot)
  return statuses.map((status) => ({ ...status, user: accountOf(status.user, webhookOf(status.user)) }))
}
