import type { Config } from '../../../config/config.ts'
import type { Receiver } from '../../../delivery/receivers.ts'
import { sessionIdOf } from '../shapes/session-id.ts'
import { encodeEvent, eventRenderers, renderedEvent } from './events.ts'

/** The pauses of the original; after them it gives up. */
const PAUSES_MS = [1_000, 2_000, 4_000]

/** Whether the operator has not switched this event off. */
export function isTold({ disabledCallbacks }: Config, name: string): boolean {
  return !disabledCallbacks.includes(name)
}

/** `POST {BASE_WEBHOOK_URL}/{sessionId}/{event}`, for every session. */
export const receiver: Receiver = {
  name: 'wago-api',
  renderers: eventRenderers,
  encode: encodeEvent,
  isOn: ({ user, config }) => config.enableWebhook && baseOf(config, sessionIdOf(user)) !== undefined,
  wants: (event, { config }) => {
    const rendered = renderedEvent(event)
    return rendered !== undefined && isTold(config, rendered.name)
  },
  urlOf: ({ name }, { user, config }) => {
    const sessionId = sessionIdOf(user)
    const base = baseOf(config, sessionId)
    if (base === undefined || !config.enableWebhook || !isTold(config, name)) return undefined
    const url = new URL(base)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${sessionId}/${name}`
    return url.href
  },
  firstPausesMs: PAUSES_MS,
  // A pulled destination without an address hears of them only when something else does.
  hearsSent: (config) => config.enableWebsocket || (config.enableWebhook && hasAddress(config)),
}

/** The address of one session wins over that of all. */
function baseOf({ baseWebhookUrl, sessionWebhookUrls }: Config, sessionId: string): string | undefined {
  const name = sessionId.toUpperCase()
  // Names of variables have no hyphens.
  return sessionWebhookUrls[name] ?? sessionWebhookUrls[name.replaceAll('-', '_')] ?? baseWebhookUrl
}

function hasAddress({ baseWebhookUrl, sessionWebhookUrls }: Config): boolean {
  return baseWebhookUrl !== undefined || Object.keys(sessionWebhookUrls).length > 0
}
