import { setting } from './setting.ts'
import { bool, integer, list, text, webhookAddress } from './values.ts'

/** The settings of the dialect wago-api, under the names its document gives them. */
export const wagoApiSettings = {
  apiKey: setting(['API_KEY'], text.optional(), {
    help: 'key of all sessions in the dialect wago-api (`X-Api-Key`), besides the admin token',
    isSecret: true,
  }),
  baseWebhookUrl: setting(['BASE_WEBHOOK_URL'], webhookAddress.optional(), {
    help: 'wago-api: events go to `{BASE_WEBHOOK_URL}/{sessionId}/{event}`',
    isSecret: true,
  }),
  enableWebhook: setting(['ENABLE_WEBHOOK'], bool.default(true), {
    help: 'wago-api: deliver events to those webhooks',
  }),
  enableWebsocket: setting(['ENABLE_WEBSOCKET'], bool.default(false), {
    help: 'wago-api: stream events at `/wago-api/ws/{sessionId}`',
  }),
  disabledCallbacks: setting(['DISABLED_CALLBACKS'], list('|').default([]), {
    help: 'wago-api: events that are not told, joined by `|`: `presence|message_ack`',
  }),
  setMessagesAsSeen: setting(['SET_MESSAGES_AS_SEEN', 'WHATSAPP_AUTO_MARK_READ'], bool.default(false), {
    help: 'mark every incoming message as read, in all sessions',
  }),
  autoStartSessions: setting(['AUTO_START_SESSIONS'], bool.default(true), {
    help: 'wago-api: what was connected when the server stopped is connected again; `false` is not followed, which the log says',
  }),
  rateLimitMax: setting(['RATE_LIMIT_MAX'], integer(0, 1_000_000).default(1000), {
    help: 'wago-api: requests one address may make per window, counted by each process on its own; 0 for any number',
  }),
  rateLimitWindowMs: setting(['RATE_LIMIT_WINDOW_MS'], integer(1, 3_600_000).default(1000), {
    help: 'wago-api: length of that window',
  }),
}

/** Addresses of single sessions: session id in upper case -> what `{SESSIONID}_WEBHOOK_URL` says. */
export type SessionWebhookUrls = Readonly<Record<string, string>>

/** How the documentation describes them. */
export const sessionWebhookUrlsRow = {
  key: 'sessionWebhookUrls',
  env: ['{SESSIONID}_WEBHOOK_URL'],
  default: '',
  help: 'wago-api: replaces `BASE_WEBHOOK_URL` for one session, whose id is written in upper case',
}

const SUFFIX = '_WEBHOOK_URL'

/** Reads them; what is no address belongs to some other program. A hyphen of a session id may be an underscore. */
export function sessionWebhookUrls(env: Record<string, string | undefined>): SessionWebhookUrls {
  // Without a prototype: session ids are chosen by callers.
  const urls: Record<string, string> = Object.create(null)
  for (const [name, value = ''] of Object.entries(env)) {
    const sessionId = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : ''
    if (sessionId !== '' && sessionId !== 'BASE' && webhookAddress.safeParse(value).success)
      urls[sessionId] = value
  }
  return Object.freeze(urls)
}
