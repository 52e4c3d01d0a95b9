import { clusterSettings } from './cluster.ts'
import { optional, type Setting, setting } from './setting.ts'
import {
  bool,
  integer,
  list,
  oneOf,
  places,
  postgresAddress,
  proxyAddresses,
  rabbitmqAddress,
  rate,
  timeZone,
  whatsappNetwork,
} from './values.ts'
import {
  type SessionWebhookUrls,
  sessionWebhookUrls,
  sessionWebhookUrlsRow,
  wagoApiSettings,
} from './wago-api.ts'

const text = (value: string): string => value

/**
 * Every setting of the server. `loadConfig` and the README's table are loops over this list.
 * Names beginning with `WUZAPI_`, `DB_`, `WEBHOOK_` and `SESSION_` are the ones wuzapi reads.
 */
const settings = {
  host: setting(['HOST', 'WUZAPI_ADDRESS'], '0.0.0.0', 'address to listen on', text),
  port: setting(['PORT', 'WUZAPI_PORT'], 8080, 'port to listen on; 0 takes a free one', integer(0, 65_535)),
  dataDir: setting(
    ['DATA_DIR', 'SESSIONS_PATH'],
    './data',
    'folder of the SQLite file, the generated keys and media',
    text,
  ),
  databaseUrl: optional(
    ['DATABASE_URL'],
    'PostgreSQL address (`postgres://user:password@host:port/name`); without it, SQLite in `DATA_DIR`',
    postgresAddress,
  ),
  databaseHost: optional(['DB_HOST'], 'PostgreSQL host; used when all five `DB_` variables are set', text),
  databasePort: optional(['DB_PORT'], 'PostgreSQL port', integer(1, 65_535)),
  databaseUser: optional(['DB_USER'], 'PostgreSQL user', text),
  databasePassword: optional(['DB_PASSWORD'], 'PostgreSQL password', text),
  databaseName: optional(['DB_NAME'], 'PostgreSQL database', text),
  databaseSslMode: setting(
    ['DB_SSLMODE'],
    'disable',
    '`disable`, `require` (encrypted, unverified; also `true`) or `verify-full`',
    oneOf({
      disable: 'disable',
      false: 'disable',
      require: 'require',
      true: 'require',
      'verify-full': 'verify-full',
    }),
  ),
  adminToken: optional(
    ['ADMIN_TOKEN', 'WUZAPI_ADMIN_TOKEN'],
    'token of the admin endpoints',
    text,
    'generated, kept in `DATA_DIR/admin-token`',
  ),
  encryptionKey: optional(
    ['ENCRYPTION_KEY', 'WUZAPI_GLOBAL_ENCRYPTION_KEY'],
    'secret that encrypts tokens and keys in the database; the same one on every node',
    text,
    'generated, kept in `DATA_DIR/encryption-key`',
  ),
  encryptionKeyPrevious: setting(
    ['ENCRYPTION_KEY_PREVIOUS'],
    [],
    'former encryption keys, separated by commas: what they sealed is opened, and sealed anew after the start',
    list,
  ),
  metricsToken: optional(
    ['METRICS_TOKEN'],
    'token that opens `/metrics` and nothing else, besides the admin token',
    text,
  ),
  authFailuresPerMinute: setting(
    ['AUTH_FAILURES_PER_MINUTE'],
    60,
    'requests with a wrong token that one address may make in a minute before it is answered 429, counted by each process on its own; 0 for any number',
    integer(0, 1_000_000),
  ),
  trustProxy: setting(
    ['TRUST_PROXY'],
    [],
    'addresses or networks of reverse proxies, separated by commas, whose `X-Forwarded-For` is believed; also `loopback`',
    proxyAddresses,
  ),
  whatsappNetwork: setting(
    ['WHATSAPP_NETWORK'],
    'live',
    '`live`, `sandbox` (a simulated WhatsApp inside this process) or `ws://host:port/ws/chat` (a shared one)',
    whatsappNetwork,
  ),
  dialects: setting(
    ['DIALECTS'],
    [],
    'dialects and where else they are served, separated by commas: `wsgo:/,wuzapi:/old`; each is always at `/<name>`',
    places,
    'wuzapi:/',
  ),
  wuzapiProfile: setting(
    ['WUZAPI_PROFILE'],
    'reference',
    'whether replies follow the reference document (`reference`) or the newest wuzapi (`current`)',
    oneOf({ reference: 'reference', current: 'current' }),
  ),
  webhookFormat: setting(
    ['WEBHOOK_FORMAT'],
    'form',
    "body of webhooks: `form` (wuzapi's default) or `json`",
    oneOf({ form: 'form', json: 'json' }),
  ),
  webhookToken: setting(
    ['WEBHOOK_TOKEN'],
    false,
    'add the `token` field that early wuzapi releases sent',
    bool,
  ),
  webhookRetryEnabled: setting(['WEBHOOK_RETRY_ENABLED'], true, 'repeat webhooks that failed', bool),
  webhookRetryCount: optional(
    ['WEBHOOK_RETRY_COUNT'],
    'attempts in total, with pauses that double; replaces the own schedule',
    integer(1, 1000),
    '7 attempts after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h',
  ),
  webhookRetryDelaySeconds: optional(
    ['WEBHOOK_RETRY_DELAY_SECONDS'],
    'first pause of the doubling schedule, in seconds; replaces the own schedule',
    integer(0, 86_400),
  ),
  webhookTimeoutMs: setting(
    ['WEBHOOK_TIMEOUT_MS'],
    15_000,
    'how long a receiver may take to answer',
    integer(100, 300_000),
  ),
  webhookConcurrency: setting(
    ['WEBHOOK_CONCURRENCY'],
    32,
    'webhook requests in flight at once',
    integer(1, 1000),
  ),
  webhookConcurrencyPerTarget: setting(
    ['WEBHOOK_CONCURRENCY_PER_TARGET'],
    8,
    'webhook requests in flight at once to one target; a chat never has more than one',
    integer(1, 1000),
  ),
  webhookAllowedNetworks: setting(
    ['WEBHOOK_ALLOWED_NETWORKS'],
    'any',
    '`any` lets webhooks reach private and loopback addresses, `public` refuses them; link-local never works',
    oneOf({ any: 'any', public: 'public' }),
  ),
  webhookVerifyTls: setting(
    ['WEBHOOK_VERIFY_TLS'],
    true,
    'refuse webhook receivers with an invalid certificate',
    bool,
  ),
  webhookUseProxy: setting(
    ['WUZAPI_WEBHOOK_USE_PROXY'],
    true,
    'default of a new user\'s setting "webhooks go through the user\'s proxy"',
    bool,
  ),
  globalWebhook: optional(
    ['GLOBAL_WEBHOOK', 'WUZAPI_GLOBAL_WEBHOOK'],
    'URL that receives the events of all users',
    text,
  ),
  globalHmacKey: optional(
    ['GLOBAL_HMAC_KEY', 'WUZAPI_GLOBAL_HMAC_KEY'],
    'key that signs the global webhook; the same one on every node',
    text,
    'generated, kept in `DATA_DIR/global-hmac-key`',
  ),
  rabbitmqUrl: optional(
    ['RABBITMQ_URL'],
    'RabbitMQ address (`amqp://user:password@host:5672/vhost`); the events of all users go there too',
    rabbitmqAddress,
  ),
  rabbitmqQueue: setting(['RABBITMQ_QUEUE'], 'whatsapp_events', 'queue of the events', text),
  webhookErrorQueue: setting(
    ['WEBHOOK_ERROR_QUEUE_NAME'],
    'webhook_errors',
    'queue of the webhook deliveries that were given up, where there is RabbitMQ',
    text,
  ),
  autoPresence: setting(
    ['WUZAPI_AUTO_PRESENCE'],
    'available',
    'presence announced after connecting: `available` or `unavailable`',
    oneOf({ available: 'available', unavailable: 'unavailable' }),
  ),
  deviceName: setting(
    ['SESSION_DEVICE_NAME'],
    'Parley',
    'name shown under "Linked devices" on the phone',
    text,
  ),
  connectSlots: setting(['CONNECT_SLOTS'], 20, 'sessions that connect at the same time', integer(1, 1000)),
  sendRatePerSecond: setting(
    ['SEND_RATE_PER_SECOND'],
    0,
    'messages one account may send per second; more wait their turn for up to half a minute, then 429; 0 sends at once',
    rate,
  ),
  bodyLimitBytes: setting(
    ['BODY_LIMIT_BYTES'],
    100 * 1024 * 1024,
    'largest request body; without files 2 MB are enough',
    integer(1024, 2 ** 31),
  ),
  mediaAllowedNetworks: setting(
    ['MEDIA_ALLOWED_NETWORKS'],
    'public',
    '`any` lets files be fetched from private and loopback addresses, `public` refuses them; link-local never works',
    oneOf({ any: 'any', public: 'public' }),
  ),
  mediaConcurrency: setting(
    ['MEDIA_CONCURRENCY', 'WUZAPI_MEDIA_CONCURRENCY'],
    16,
    'files of received messages downloaded at once; two of one user at most',
    integer(1, 100),
  ),
  mediaTimeoutMs: setting(
    ['MEDIA_TIMEOUT_MS'],
    60_000,
    'how long it may take to download the file of a received message and to put it into a bucket; then its event goes out without',
    integer(100, 3_600_000),
  ),
  mediaStallMs: setting(
    ['MEDIA_STALL_MS'],
    10_000,
    'how long a media server or a bucket may neither send nor take anything',
    integer(100, 600_000),
  ),
  mediaMaxBytes: setting(
    ['MEDIA_MAX_BYTES'],
    100 * 1024 * 1024,
    'largest file of a received message that is downloaded; events with a larger one come without it',
    integer(1024, 2 ** 31),
  ),
  ffmpegPath: setting(
    ['FFMPEG_PATH'],
    'ffmpeg',
    'the ffmpeg program; voice messages, video previews and animated stickers need it',
    text,
  ),
  eventRetentionHours: setting(
    ['EVENT_RETENTION_HOURS'],
    72,
    'how long events and their finished deliveries are kept',
    integer(1, 24 * 365),
  ),
  deadRetentionHours: setting(
    ['DEAD_RETENTION_HOURS'],
    24 * 30,
    'how long deliveries that were given up are kept',
    integer(1, 24 * 365),
  ),
  messageRetentionHours: setting(
    ['MESSAGE_RETENTION_HOURS'],
    24 * 14,
    'how long messages are kept for quoting and for devices that ask again',
    integer(1, 24 * 365),
  ),
  logLevel: setting(
    ['LOG_LEVEL'],
    'info',
    '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    oneOf({
      trace: 'trace',
      debug: 'debug',
      info: 'info',
      warn: 'warn',
      error: 'error',
      fatal: 'fatal',
      panic: 'fatal',
      silent: 'silent',
    }),
  ),
  timeZone: setting(['TZ'], 'UTC', 'time zone of printed times, for example `America/Sao_Paulo`', timeZone),
  shutdownGraceMs: setting(
    ['SHUTDOWN_GRACE_MS'],
    10_000,
    'how long a shutdown waits for requests',
    integer(0, 600_000),
  ),
  ...wagoApiSettings,
  ...clusterSettings,
}

type Settings = typeof settings

/** Everything the environment decides, parsed and checked once at start. */
export type Config = Readonly<{ [Key in keyof Settings]: Settings[Key]['default'] }> & {
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
  // The loop above fills every key from its own `parse` or `default`, which is what Config is derived from.
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
    default: declared.defaultText ?? (declared.default === undefined ? '' : String(declared.default)),
    help: declared.help,
  }))
  return [...rows, sessionWebhookUrlsRow]
}

function readSetting(declared: Setting<unknown>, env: Record<string, string | undefined>): unknown {
  // A compose file passes unset variables as empty text.
  const name = declared.env.find((candidate) => env[candidate]?.trim())
  if (!name) return declared.default
  try {
    return declared.parse((env[name] ?? '').trim())
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`${name} ${reason}`, { cause })
  }
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
