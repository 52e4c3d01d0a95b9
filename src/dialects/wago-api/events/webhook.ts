import type { Config } from '../../../config/config.ts'
import type { WebhookOwner, WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import { sessionIdOf } from '../shapes/session-id.ts'
import { encodeEvent, eventRenderers, renderedEvent } from './events.ts'

/** The pauses of the original; after them it gives up. */
const PAUSES_MS = [1_000, 2_000, 4_000]

/** Whether the operator has not switched this event off. */
export function isTold({ disabledCallbacks }: Config, name: string): boolean {
  return !disabledCallbacks.includes(name)
}

/** `POST {BASE_WEBHOOK_URL}/{sessionId}/{event}`, for every session. */
export const webhookProfile: WebhookProfile = {
  slot: 'wago-api',
  renderers: eventRenderers,
  // The one that can be too large to be looked into.
  typeNames: { 'history.sync': 'history_sync' },
  encode: encodeEvent,
  isOn: (owner) => baseOf(owner) !== undefined,
  wants: (event, { config }) => {
    const rendered = renderedEvent(event)
    return rendered !== undefined && isTold(config, rendered.name)
  },
  urlOf: ({ name }, owner) => {
    const base = baseOf(owner)
    if (base === undefined || !isTold(owner.config, name)) return undefined
    const url = new URL(base)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${sessionIdOf(owner.user)}/${name}`
    return url.href
  },
  firstPausesMs: PAUSES_MS,
  hearsSent: ({ enableWebsocket, enableWebhook }) =>
    enableWebsocket ? 'live' : enableWebhook ? 'by webhook' : undefined,
}

/** An address of its own wins over that of the session, and that over the one of all. */
function baseOf({ user, config, webhook, own }: WebhookOwner): string | undefined {
  if (!config.enableWebhook) return undefined
  if (webhook.url !== '' || webhook.id !== own.id) return webhook.url || undefined
  const { baseWebhookUrl, sessionWebhookUrls } = config
  const name = sessionIdOf(user).toUpperCase()
  // Names of variables have no hyphens.
  return sessionWebhookUrls[name] ?? sessionWebhookUrls[name.replaceAll('-', '_')] ?? baseWebhookUrl
}
