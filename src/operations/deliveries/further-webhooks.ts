import type { Target } from '../../delivery/targets.ts'
import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import { ApiError } from '../../lib/errors.ts'
import { newId } from '../../lib/ids.ts'
import { parseWebhookId } from '../../store/delivery/webhook-ids.ts'
import {
  deleteWebhook,
  getWebhooks,
  type Webhook,
  type WebhookPatch,
  webhookOf,
} from '../../store/delivery/webhooks.ts'
import type { UserScope } from '../services.ts'
import { addNumberedWebhook } from './numbered-webhooks.ts'
import { ownTarget } from './targets.ts'
import { changeWebhook, requireHttpUrl } from './webhooks.ts'

/** A webhook of a user, by what its deliveries are stored under. */
export interface OwnWebhook extends Webhook {
  target: Target
}

/** Beyond this number a user gets no further webhook: every event is stored once for each. */
const MAX_WEBHOOKS = 20
const KEY_LENGTH = 8
/** Headers that the request needs, or that say who sent it. */
const OUR_HEADERS =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|webhook-.*|x-hmac-.*)$/i
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
// RFC 9110, 5.5: what Node sends as it is.
const HEADER_VALUE = /^[\t\x20-\x7e]*$/

/** All webhooks of a user: the first of each dialect, set or not, and the further ones. */
export async function allOwnWebhooks({ user, services }: UserScope): Promise<OwnWebhook[]> {
  const { db, secrets, webhooks } = services
  const known = await getWebhooks(db, secrets, user.id)
  const stored = [...known.keys()].map((id) => parseWebhookId(id).target)
  const targets = new Set([...webhooks.slots, ...stored])
  return [...targets].sort().map((target) => ({ ...webhookOf(known, target, user.id), target }))
}

/**
 * Adds a webhook in the words of a dialect. Throws `invalid_field`, `not_found` for a dialect without webhooks, or
 * `conflict` when there are too many.
 */
export async function addWebhook(
  scope: UserScope,
  { slot, patch }: { slot: string; patch: WebhookPatch },
): Promise<OwnWebhook> {
  const { user, services } = scope
  const { db, secrets, webhooks } = services
  if (!webhooks.slots.includes(slot))
    throw new ApiError('not_found', { text: 'no dialect has such webhooks' })
  checkPatch(webhooks.find(slot), patch)
  if (!patch.url) throw new ApiError('missing_field', { text: 'url is required' })
  const known = await getWebhooks(db, secrets, user.id)
  if (known.size >= MAX_WEBHOOKS)
    throw new ApiError('conflict', { text: `a user has at most ${MAX_WEBHOOKS} webhooks` })
  if (webhooks.find(slot)?.numbersWebhooks)
    return addNumberedWebhook(scope, { slot, patch, most: MAX_WEBHOOKS })
  const target = `${slot}/${newId().slice(0, KEY_LENGTH)}`
  return { ...(await changeWebhook(scope, target, patch)), target }
}

/** Changes a webhook of a user. Throws `not_found` or `invalid_field`. */
export async function changeOwnWebhook(
  scope: UserScope,
  { target, patch }: { target: Target; patch: WebhookPatch },
): Promise<OwnWebhook> {
  await ownTarget(scope, target)
  checkPatch(scope.services.webhooks.find(target), patch)
  return { ...(await changeWebhook(scope, target, patch)), target }
}

/** Removes a webhook of a user with all that is set; what waits for it is dropped. Throws `not_found`. */
export async function removeOwnWebhook(scope: UserScope, target: Target): Promise<void> {
  await ownTarget(scope, target)
  await deleteWebhook(scope.services.db, scope.user.id, target)
}

function checkPatch(profile: WebhookProfile | undefined, { url, events, headers = {} }: WebhookPatch): void {
  if (url) requireHttpUrl('url', url)
  const known = profile?.eventNames
  const unknown = known && events?.split(',').find((name) => name !== '' && !known.includes(name))
  if (unknown) throw new ApiError('invalid_field', { text: `there is no event ${unknown}` })
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || OUR_HEADERS.test(name))
      throw new ApiError('invalid_field', { text: `the header ${name} cannot be set` })
    if (!HEADER_VALUE.test(value))
      throw new ApiError('invalid_field', { text: `the value of the header ${name} cannot be sent` })
  }
}
