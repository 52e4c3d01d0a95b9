import { webhookId } from '../../delivery/targets.ts'
import { ApiError } from '../../lib/errors.ts'
import { isHttpUrl } from '../../lib/text/http-url.ts'
import { isAboutMissingRow } from '../../store/database/database.ts'
import {
  blankWebhook,
  getWebhooks,
  listWebhooks,
  putWebhook,
  type Webhook,
  type WebhookPatch,
} from '../../store/delivery/webhooks.ts'
import type { User } from '../../store/users/users.ts'
import type { Services, UserScope } from '../services.ts'

/** The webhook that every user has of a slot; blank until something of it is set. */
export async function readWebhook({ user, services }: UserScope, slot: string): Promise<Webhook> {
  const { db, secrets } = services
  const id = webhookId(slot, user.id)
  return (await getWebhooks(db, secrets, user.id)).get(id) ?? blankWebhook(id, slot)
}

/** The same for everybody: a look at the database, and what it has for each user. */
export async function readWebhooks(
  { db, secrets }: Services,
  slot: string,
): Promise<(user: User) => Webhook> {
  const known = await listWebhooks(db, secrets, slot)
  return ({ id }) => known.get(webhookId(slot, id)) ?? blankWebhook(webhookId(slot, id), slot)
}

/** Changes it, and yields it as it then is. Throws `unauthorized` when the user was deleted meanwhile. */
export async function changeWebhook(scope: UserScope, slot: string, patch: WebhookPatch): Promise<Webhook> {
  const { user, services } = scope
  const { db, secrets } = services
  const id = webhookId(slot, user.id)
  await putWebhook(db, secrets, { id, slot, userId: user.id, patch }).catch(refuseGone)
  return readWebhook(scope, slot)
}

/** Throws `invalid_field` unless the text of a field is the address of a web server. */
export function requireHttpUrl(field: string, url: string): void {
  if (!isHttpUrl(url))
    throw new ApiError('invalid_field', { text: `${field} must be an http or https address` })
}

function refuseGone(error: unknown): never {
  throw isAboutMissingRow(error) ? new ApiError('unauthorized') : error
}
