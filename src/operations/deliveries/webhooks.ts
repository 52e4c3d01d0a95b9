import type { User } from '../../store/users/users.ts'
import type { UserScope } from '../services.ts'
import { changeSettings } from '../sessions/settings.ts'

/** Where a user's events go, and which. */
export interface WebhookChange {
  /** Receiver, '' for none. */
  url: string
  /** Subscribed names separated by commas; the present ones stay when empty. */
  events: string
}

/** Sets the receiver and, where given, the subscriptions. */
export function setWebhook(scope: UserScope, { url, events }: WebhookChange): Promise<User> {
  return changeSettings(scope, { webhook: url, ...(events && { events }) })
}

/** Removes the receiver and, where `clearEvents`, all subscriptions. */
export function removeWebhook(
  scope: UserScope,
  { clearEvents }: { clearEvents: boolean } = { clearEvents: true },
): Promise<User> {
  return changeSettings(scope, { webhook: '', ...(clearEvents && { events: '' }) })
}
