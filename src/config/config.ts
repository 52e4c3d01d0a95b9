import type { z } from 'zod'
import { clusterSettings } from './cluster.ts'
import { multisessionSettings } from './multisession.ts'
import { multisessionPaceSettings } from './multisession-pace.ts'
import { type Setting, setting } from './setting.ts'
import {
  bool,
  integer,
  list,
  logLevel,
  oneOf,
  places,
  postgresAddress,
  proxyAddresses,
  rabbitmqAddress,
  rate,
  sslMode,
  text,
  timeZone,
  whatsappNetwork,
} from './values.ts'
import { wagoSettings } from './wago.ts'
import {
  type SessionWebhookUrls,
  sessionWebhookUrls,
  sessionWebhookUrlsRow,
  wagoApiSettings,
} from './wago-api.ts'

/**
 * Every setting of the server. `loadConfig` and the README's table are loops over this list.
 * Names beginning with `WUZAPI_`, `DB_`, `WEBHOOK_` and `SESSION_` are the ones wuzapi reads.
 */
const settings = {
  host: setting(['HOST', 'WUZAPI_ADDRESS', 'SERVER_ADDRESS'], text.default('0.0.0.0'), {
    help: 'address to listen on',
  }),
  port: setting(['PORT', 'WUZAPI_PORT', 'SERVER_PORT'], integer(0, 65_535).default(8080), {
    help: 'port to listen on; 0 takes a free one',
  }),
  dataDir: setting(['DATA_DIR', 'SESSIONS_PATH'], text.default('./data'), {
    help: 'folder of the SQLite file, the generated keys and media',
  }),
  databaseUrl: setting(['DATABASE_URL'], postgresAddress.optional(), {
    help: 'PostgreSQL address (`postgres://user:password@host:port/name`); without it, SQLite in `DATA_DIR`',
    isSecret: true,
  }),
  databaseHost: setting(['DB_HOST'], text.optional(), {
    help: 'PostgreSQL host; used when all five `DB_` variables are set',
  }),
  databasePort: setting(['DB_PORT'], integer(1, 65_535).optional(), { help: 'PostgreSQL port' }),
  databaseUser: setting(['DB_USER'], text.optional(), { help: 'PostgreSQL user' }),
  databasePassword: setting(['DB_PASSWORD'], text.optional(), {
    help: 'PostgreSQL password',
    isSecret: true,
  }),
  databaseName: setting(['DB_NAME'], text.optional(), { help: 'PostgreSQL database' }),
  databaseSslMode: setting(['DB_SSLMODE'], sslMode.default('disable'), {
    help: '`disable`, `require` (encrypted, unverified; also `true`) or `verify-full`',
  }),
  adminToken: setting(['ADMIN_TOKEN', 'WUZAPI_ADMIN_TOKEN', 'ADMIN_SECRET_KEY'], text.optional(), {
    help: 'token of the admin endpoints',
    isSecret: true,
    shownDefault: 'generated, kept in `DATA_DIR/admin-token`',
  }),
  encryptionKey: setting(['ENCRYPTION_KEY', 'WUZAPI_GLOBAL_ENCRYPTION_KEY'], text.optional(), {
    help: 'secret that encrypts tokens and keys in the database; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in `DATA_DIR/encryption-key`',
  }),
  encryptionKeyPrevious: setting(['ENCRYPTION_KEY_PREVIOUS'], list().default([]), {
    help: 'former encryption keys, separated by commas: what they encrypted is decrypted, and encrypted anew after the start',
    isSecret: true,
  }),
  metricsToken: setting(['METRICS_TOKEN'], text.optional(), {
    help: 'token that opens `/metrics` and nothing else, besides the admin token',
    isSecret: true,
  }),
  authFailuresPerMinute: setting(['AUTH_FAILURES_PER_MINUTE'], integer(0, 1_000_000).default(60), {
    help: 'requests with a wrong token that one address may make in a minute before it is answered 429, counted by each process on its own; 0 for any number',
  }),
  trustProxy: setting(['TRUST_PROXY'], proxyAddresses.default([]), {
    help: 'addresses or networks of reverse proxies, separated by commas, whose `X-Forwarded-For` is believed; also `loopback`',
  }),
  whatsappNetwork: setting(['WHATSAPP_NETWORK'], whatsappNetwork.default('live'), {
    help: '`live`, `sandbox` (a simulated WhatsApp inside this process) or `ws://host:port/ws/chat` (a shared one)',
  }),
  dialects: setting(['DIALECTS'], places.default([]), {
    help: 'dialects and where else they are served, separated by commas: `wsgo:/,wuzapi:/old`; each is always at `/<name>`',
    shownDefault: 'wuzapi:/',
  }),
  wuzapiProfile: setting(['WUZAPI_PROFILE'], oneOf('reference', 'current').default('reference'), {
    help: 'whether replies follow the reference document (`reference`) or the newest wuzapi (`current`)',
  }),
  webhookFormat: setting(['WEBHOOK_FORMAT'], oneOf('form', 'json').default('form'), {
    help: "body of webhooks: `form` (wuzapi's default) or `json`",
  }),
  webhookToken: setting(['WEBHOOK_TOKEN'], bool.default(false), {
    help: 'add the `token` field that early wuzapi releases sent',
  }),
  webhookRetryEnabled: setting(['WEBHOOK_RETRY_ENABLED'], bool.default(true), {
    help: 'repeat webhooks that failed',
  }),
  webhookRetryCount: setting(['WEBHOOK_RETRY_COUNT'], integer(1, 1000).optional(), {
    help: 'attempts in total, with pauses that double; replaces the own schedule',
    shownDefault: '7 attempts after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h',
  }),
  webhookRetryDelaySeconds: setting(['WEBHOOK_RETRY_DELAY_SECONDS'], integer(0, 86_400).optional(), {
    help: 'first pause of the doubling schedule, in seconds; replaces the own schedule',
  }),
  webhookTimeoutMs: setting(['WEBHOOK_TIMEOUT_MS'], integer(100, 300_000).default(15_000), {
    help: 'how long a receiver may take to answer',
  }),
  webhookConcurrency: setting(['WEBHOOK_CONCURRENCY'], integer(1, 1000).default(32), {
    help: 'webhook requests in flight at once',
  }),
  webhookConcurrencyPerTarget: setting(['WEBHOOK_CONCURRENCY_PER_TARGET'], integer(1, 1000).default(8), {
    help: 'webhook requests in flight at once to one target; a chat never has more than one',
  }),
  webhookAllowedNetworks: setting(['WEBHOOK_ALLOWED_NETWORKS'], oneOf('any', 'public').default('any'), {
    help: '`any` lets webhooks reach private and loopback addresses, `public` refuses them; link-local never works',
  }),
  webhookVerifyTls: setting(['WEBHOOK_VERIFY_TLS'], bool.default(true), {
    help: 'refuse webhook receivers with an invalid certificate',
  }),
  webhookUseProxy: setting(['WUZAPI_WEBHOOK_USE_PROXY'], bool.default(true), {
    help: 'default of a new user\'s setting "webhooks go through the user\'s proxy"',
  }),
  globalWebhook: setting(['GLOBAL_WEBHOOK', 'WUZAPI_GLOBAL_WEBHOOK'], text.optional(), {
    help: 'URL that receives the events of all users',
    isSecret: true,
  }),
  globalHmacKey: setting(['GLOBAL_HMAC_KEY', 'WUZAPI_GLOBAL_HMAC_KEY'], text.optional(), {
    help: 'key that signs the global webhook; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in `DATA_DIR/global-hmac-key`',
  }),
  rabbitmqUrl: setting(['RABBITMQ_URL'], rabbitmqAddress.optional(), {
    help: 'RabbitMQ address (`amqp://user:password@host:5672/vhost`, `guest` without a user); the events of all users go there too',
    isSecret: true,
  }),
  rabbitmqQueue: setting(['RABBITMQ_QUEUE'], text.default('whatsapp_events'), {
    help: 'queue of the events',
  }),
  webhookErrorQueue: setting(['WEBHOOK_ERROR_QUEUE_NAME'], text.default('webhook_errors'), {
    help: 'queue of the webhook deliveries that were given up, where there is RabbitMQ',
  }),
  autoPresence: setting(['WUZAPI_AUTO_PRESENCE'], oneOf('available', 'unavailable').default('available'), {
    help: 'presence announced after connecting: `available` or `unavailable`',
  }),
  deviceName: setting(['SESSION_DEVICE_NAME', 'WHATSAPP_DEVICE_OS_NAME'], text.default('Parley'), {
    help: 'name shown under "Linked devices" on the phone',
  }),
  connectSlots: setting(
    ['CONNECT_SLOTS', 'WHATSAPP_STARTUP_RECONNECT_CONCURRENCY'],
    integer(1, 1000).default(20),
    {
      help: 'sessions that connect at the same time',
    },
  ),
  sendRatePerSecond: setting(['SEND_RATE_PER_SECOND'], rate.default(0), {
    help: 'messages one account may send per second; more wait their turn for up to half a minute, then 429; 0 sends at once',
  }),
  bodyLimitBytes: setting(['BODY_LIMIT_BYTES'], integer(1024, 2 ** 31).default(100 * 1024 * 1024), {
    help: 'largest request body; without files 2 MB are enough',
  }),
  mediaAllowedNetworks: setting(['MEDIA_ALLOWED_NETWORKS'], oneOf('any', 'public').default('public'), {
    help: '`any` lets files be fetched from private and loopback addresses, `public` refuses them; link-local never works',
  }),
  mediaConcurrency: setting(['MEDIA_CONCURRENCY', 'WUZAPI_MEDIA_CONCURRENCY'], integer(1, 100).default(16), {
    help: 'files of received messages downloaded at once; two of one user at most',
  }),
  mediaTimeoutMs: setting(['MEDIA_TIMEOUT_MS'], integer(100, 3_600_000).default(60_000), {
    help: 'how long it may take to download the file of a received message and to put it into a bucket; then its event goes out without',
  }),
  mediaStallMs: setting(['MEDIA_STALL_MS'], integer(100, 600_000).default(10_000), {
    help: 'how long a media server or a bucket may neither send nor take anything',
  }),
  mediaMaxBytes: setting(['MEDIA_MAX_BYTES'], integer(1024, 2 ** 31).default(100 * 1024 * 1024), {
    help: 'largest file of a received message that is downloaded; events with a larger one come without it',
  }),
  ffmpegPath: setting(['FFMPEG_PATH'], text.default('ffmpeg'), {
    help: 'the ffmpeg program; voice messages, HEIC and BMP pictures, videos that are not MP4, video previews and animated stickers need it',
  }),
  eventRetentionHours: setting(['EVENT_RETENTION_HOURS'], integer(1, 24 * 365).default(72), {
    help: 'how long events and their finished deliveries are kept',
  }),
  deadRetentionHours: setting(['DEAD_RETENTION_HOURS'], integer(1, 24 * 365).default(24 * 30), {
    help: 'how long deliveries that were given up are kept',
  }),
  messageRetentionHours: setting(['MESSAGE_RETENTION_HOURS'], integer(1, 24 * 365).default(24 * 14), {
    help: 'how long messages are kept for quoting and for devices that ask again',
  }),
  logLevel: setting(['LOG_LEVEL'], logLevel.default('info'), {
    help: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
  }),
  timeZone: setting(['TZ'], timeZone.default('UTC'), {
    help: 'time zone of printed times, for example `America/Sao_Paulo`',
  }),
  shutdownGraceMs: setting(['SHUTDOWN_GRACE_MS'], integer(0, 600_000).default(10_000), {
    help: 'how long a shutdown waits for requests',
  }),
  ...wagoSettings,
  ...multisessionSettings,
  ...multisessionPaceSettings,
  ...wagoApiSettings,
  ...clusterSettings,
}

type Settings = typeof settings

/** Everything the environment decides, parsed and checked once at start. */
export type Config = Readonly<{ [Key in keyof Settings]: z.output<Settings[Key]['schema']> }> & {
  readonly sessionWebhookUrls: SessionWebhookUrls
}

/** A row of the README's table of settings. */
export interface ConfigRow {
  key: string
  env: string[]
  default: string
  help: string
}

/** A variable holds something its setting does not allow; the message names the variable and says what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads every setting from `env` (the caller passes `process.env`); throws ConfigError naming the first bad variable. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const values = Object.fromEntries(
    Object.entries(settings).map(([key, declared]) => [key, readSetting(declared, env)]),
  )
  // The loop above fills every key from its own schema, which is what Config is derived from.
  const config = values as Config
  const databaseUrl = config.databaseUrl ?? composedDatabaseUrl(config)
  if (config.workers > 1 && !databaseUrl)
    throw new ConfigError(
      'WORKERS needs a database that several processes can share: set DATABASE_URL, or WORKERS=1 for SQLite',
    )
  return Object.freeze({ ...config, databaseUrl, sessionWebhookUrls: sessionWebhookUrls(env) })
}

/** The settings as documentation rows, in the order they are declared. */
export function configTable(): ConfigRow[] {
  const rows = Object.entries(settings).map(([key, declared]) => ({
    key,
    env: declared.env,
    default: declared.shownDefault ?? String(declared.schema.parse(undefined) ?? ''),
    help: declared.help,
  }))
  return [...rows, sessionWebhookUrlsRow]
}

function readSetting(declared: Setting<z.ZodType>, env: Record<string, string | undefined>): unknown {
  const { schema, isSecret } = declared
  // A compose file passes unset variables as empty text.
  const name = declared.env.find((candidate) => env[candidate]?.trim())
  const given = name === undefined ? undefined : env[name]?.trim()
  const { data, error } = schema.safeParse(given, { reportInput: true })
  const issue = error?.issues[0]
  if (!issue) return data
  // Of a list, the item that is wrong.
  const wrong = issue.path.length > 0 ? issue.input : given
  throw new ConfigError(`${name} ${issue.message}${isSecret ? '' : `, not "${wrong}"`}`)
}

/** wuzapi uses PostgreSQL only when all five `DB_` variables are there. */
function composedDatabaseUrl(config: Config): string | undefined {
  const { databaseHost, databasePort, databaseUser, databasePassword, databaseName } = config
  if (!databaseHost || !databasePort || !databaseUser || !databasePassword || !databaseName) return undefined
  const url = new URL('postgres://localhost')
  url.hostname = databaseHost
  url.port = String(databasePort)
  url.username = encodeURIComponent(databaseUser)
  url.password = encodeURIComponent(databasePassword)
  url.pathname = `/${encodeURIComponent(databaseName)}`
  // The driver reads `require` as a verified connection; PostgreSQL's own meaning is "encrypted, unverified".
  const sslMode = { disable: 'disable', require: 'no-verify', 'verify-full': 'verify-full' }[
    config.databaseSslMode
  ]
  url.searchParams.set('sslmode', sslMode)
  return url.href
}
