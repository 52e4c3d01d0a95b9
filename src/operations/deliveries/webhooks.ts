import { ApiError } from '../../lib/errors.ts'
import { isHttpUrl } from '../../lib/text/http-url.ts'
import { isAboutMissingRow } from '../../store/database/database.ts'
import {
  getWebhooks,
  listWebhooks,
  putWebhook,
  type Webhook,
  type WebhookPatch,
  webhookOf,
} from '../../store/delivery/webhooks.ts'
import type { User } from '../../store/users/users.ts'
import type { Services, UserScope } from '../services.ts'

/** The webhook of a target of the user; blank until something of it is set. */
export async function readWebhook({ user, services }: UserScope, target: string): Promise<Webhook> {
  return webhookOf(await getWebhooks(services.db, services.secrets, user.id), target, user.id)
}

/** The first webhooks of a slot: a look at the database, and what it has for each user. */
export async function readWebhooks(
  { db, secrets }: Services,
  slot: string,
): Promise<(user: User) => Webhook> {
  const known = await listWebhooks(db, secrets, slot)
  return ({ id }) => webhookOf(known, slot, id)
}

/** Changes it, and yields it as it then is. Throws `unauthorized` when the user was deleted meanwhile. */
export async function changeWebhook(scope: UserScope, target: string, patch: WebhookPatch): Promise<Webhook> {
  const { user, services } = scope
  await putWebhook(services.db, services.secrets, { target, userId: user.id, patch }).catch(refuseGone)
  return readWebhook(scope, target)
}

/** Throws `invalid_field` unless the text of a field is the address of a web server. */
export function requireHttpUrl(field: string, url: string): void {
  if (!isHttpUrl(url))
    throw new ApiError('invalid_field', { text: `${field} must be an http or https address` })
}

function refuseGone(error: unknown): never {
  throw isAboutMissingRow(error) ? new ApiError('unauthorized') : error
}
