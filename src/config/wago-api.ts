import { optional, setting } from './setting.ts'
import { bool, integer, webhookAddress } from './values.ts'

/** The settings of the dialect wago-api, under the names its document gives them. */
export const wagoApiSettings = {
  apiKey: optional(
    ['API_KEY'],
    'key of all sessions in the dialect wago-api (`X-Api-Key`), besides the admin token',
    (value) => value,
  ),
  baseWebhookUrl: optional(
    ['BASE_WEBHOOK_URL'],
    'wago-api: events go to `{BASE_WEBHOOK_URL}/{sessionId}/{event}`',
    webhookAddress,
  ),
  enableWebhook: setting(['ENABLE_WEBHOOK'], true, 'wago-api: deliver events to those webhooks', bool),
  enableWebsocket: setting(
    ['ENABLE_WEBSOCKET'],
    false,
    'wago-api: stream events at `/wago-api/ws/{sessionId}`',
    bool,
  ),
  disabledCallbacks: setting(
    ['DISABLED_CALLBACKS'],
    [],
    'wago-api: events that are not told, joined by `|`: `presence|message_ack`',
    names,
  ),
  setMessagesAsSeen: setting(
    ['SET_MESSAGES_AS_SEEN'],
    false,
    'mark every incoming message as read, in all sessions',
    bool,
  ),
  autoStartSessions: setting(
    ['AUTO_START_SESSIONS'],
    true,
    'wago-api: what was connected when the server stopped is connected again; `false` is not followed, which the log says',
    bool,
  ),
  rateLimitMax: setting(
    ['RATE_LIMIT_MAX'],
    1000,
    'wago-api: requests one address may make per window, counted by each process on its own; 0 for any number',
    integer(0, 1_000_000),
  ),
  rateLimitWindowMs: setting(
    ['RATE_LIMIT_WINDOW_MS'],
    1000,
    'wago-api: length of that window',
    integer(1, 3_600_000),
  ),
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
    if (sessionId !== '' && sessionId !== 'BASE' && /^https?:\/\//.test(value) && URL.canParse(value))
      urls[sessionId] = value
  }
  return Object.freeze(urls)
}

function names(value: string): readonly string[] {
  return value
    .split('|')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
