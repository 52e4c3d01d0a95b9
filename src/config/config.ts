import { resolve } from 'node:path'
import type { z } from 'zod'
import { callSettings } from './calls.ts'
import { clusterSettings } from './cluster.ts'
import { FlagError, type GivenFlags, type KnownFlags, readFlags } from './flags.ts'
import { multisessionSettings } from './multisession.ts'
import { multisessionPaceSettings } from './multisession-pace.ts'
import { type Setting, setting } from './setting.ts'
import { startSettings } from './start.ts'
import {
  bool,
  integer,
  languages,
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
 * Every setting of the server. `loadConfig` and the table of docs/settings.md are loops over this list.
 * Names beginning with `WUZAPI_`, `DB_`, `WEBHOOK_` and `SESSION_` are the ones wuzapi reads.
 */
const settings = {
  host: setting(['HOST', 'WUZAPI_ADDRESS', 'SERVER_ADDRESS'], text.default('0.0.0.0'), {
    help: 'address to listen on',
    flag: 'address',
  }),
  port: setting(['PORT', 'WUZAPI_PORT', 'SERVER_PORT'], integer(0, 65_535).default(8080), {
    help: 'port to listen on; 0 takes a free one',
    flag: 'port',
  }),
  dataDir: setting(['DATA_DIR', 'SESSIONS_PATH'], text.default('./data'), {
    help: 'folder of the SQLite file, the generated keys and media',
    flag: 'datadir',
    isPath: true,
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
    flag: 'admintoken',
  }),
  encryptionKey: setting(['ENCRYPTION_KEY', 'WUZAPI_GLOBAL_ENCRYPTION_KEY'], text.optional(), {
    help: 'secret that encrypts tokens and keys in the database; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in `DATA_DIR/encryption-key`',
    flag: 'globalencryptionkey',
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
    flag: 'webhookretry',
    isSwitch: true,
  }),
  webhookRetryCount: setting(['WEBHOOK_RETRY_COUNT'], integer(1, 1000).optional(), {
    help: 'attempts in total, with pauses that double; replaces the own schedule',
    shownDefault: '7 attempts after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h',
    flag: 'retrycount',
  }),
  webhookRetryDelaySeconds: setting(['WEBHOOK_RETRY_DELAY_SECONDS'], integer(0, 86_400).optional(), {
    help: 'first pause of the doubling schedule, in seconds; replaces the own schedule',
    flag: 'retrydelay',
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
  webhookKeepAttempts: setting(['WEBHOOK_KEEP_ATTEMPTS'], oneOf('failed', 'all').default('failed'), {
    help: 'which requests to receivers are kept with their bodies; of those that succeed at once, `failed` keeps status and duration',
  }),
  webhookAllowedNetworks: setting(['WEBHOOK_ALLOWED_NETWORKS'], oneOf('any', 'public').default('any'), {
    help: '`any` lets webhooks reach private and loopback addresses, `public` refuses them; link-local never works',
  }),
  webhookVerifyTls: setting(['WEBHOOK_VERIFY_TLS'], bool.default(true), {
    help: 'refuse webhook receivers with an invalid certificate',
  }),
  webhookUseProxy: setting(['WUZAPI_WEBHOOK_USE_PROXY'], bool.default(true), {
    help: 'default of a new user\'s setting "webhooks go through the user\'s proxy"',
    flag: 'webhookuseproxy',
    isSwitch: true,
  }),
  globalWebhook: setting(['GLOBAL_WEBHOOK', 'WUZAPI_GLOBAL_WEBHOOK'], text.optional(), {
    help: 'URL that receives the events of all users',
    isSecret: true,
    flag: 'globalwebhook',
  }),
  globalHmacKey: setting(['GLOBAL_HMAC_KEY', 'WUZAPI_GLOBAL_HMAC_KEY'], text.optional(), {
    help: 'key that signs the global webhook; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in `DATA_DIR/global-hmac-key`',
    flag: 'globalhmackey',
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
    flag: 'errorqueue',
  }),
  passkeyConfirm: setting(['PASSKEY_CONFIRM'], oneOf('auto', 'ask').default('auto'), {
    help: 'linking with a passkey: `auto` confirms the code by itself where the phone knows this device by what it scanned, `ask` has it compared always',
  }),
  autoPresence: setting(['WUZAPI_AUTO_PRESENCE'], oneOf('available', 'unavailable').default('available'), {
    help: 'presence announced after connecting: `available` or `unavailable`',
    flag: 'autopresence',
  }),
  deviceName: setting(['SESSION_DEVICE_NAME', 'WHATSAPP_DEVICE_OS_NAME'], text.default('Parley'), {
    help: 'name shown under "Linked devices" on the phone',
    flag: 'osname',
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
    help: '`any` lets files and pages that links lead to be fetched from private and loopback addresses, `public` refuses them; link-local never works',
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
  skipMedia: setting(['SKIP_MEDIA'], bool.default(false), {
    help: 'events come without the files of their messages, which are not downloaded for them',
    flag: 'skipmedia',
    isSwitch: true,
  }),
  ffmpegPath: setting(['FFMPEG_PATH'], text.default('ffmpeg'), {
    help: 'the ffmpeg program; voice messages, HEIC and BMP pictures, videos that are not MP4, video previews and animated stickers need it',
  }),
  linkPreviewLanguages: setting(['LINK_PREVIEW_LANGUAGES'], languages.default('en'), {
    help: 'the languages in which pages are asked what they are about, for link previews, as in `Accept-Language`: `de-DE,de;q=0.9,en;q=0.5`',
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
  ...startSettings,
  ...callSettings,
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

/** A row of the table of docs/settings.md. */
export interface ConfigRow {
  key: string
  env: string[]
  /** Its name on the command line, where it has one. */
  flag?: string
  default: string
  help: string
}

/** What a variable or a flag says is not allowed; the message names it and says what is. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** What else the command line may say. `platformtype` stands for nothing: phones show every device here as a browser. */
const OTHER_FLAGS = { version: { isSwitch: true }, platformtype: { isSwitch: false } }

type Environment = Record<string, string | undefined>

/**
 * Reads every setting from the flags of a command line and from `env` (the caller passes `process.env`); throws ConfigError
 * naming the first bad flag or variable.
 */
export function loadConfig(env: Environment, args: readonly string[] = []): Config {
  const { values: flags } = readCommandLine(args)
  const values = Object.fromEntries(
    Object.entries(settings).map(([key, declared]) => [key, readSetting(declared, env, flags)]),
  )
  // The loop above fills every key from its own schema, which is what Config is derived from.
  const config = values as Config
  const databaseUrl = config.databaseUrl ?? composedDatabaseUrl(config)
  if (config.workers > 1 && !databaseUrl)
    throw new ConfigError(
      'WORKERS needs a database that several processes can share: set DATABASE_URL, or WORKERS=1 for SQLite',
    )
  if (config.workers > 1 && config.mode === 'stdio')
    throw new ConfigError('the mode stdio is one process, which has the pipe: set WORKERS=1')
  if ((config.tlsCertificate === undefined) !== (config.tlsPrivateKey === undefined))
    throw new ConfigError(
      'TLS needs both files: set TLS_CERTIFICATE and TLS_PRIVATE_KEY (-sslcertificate and -sslprivatekey)',
    )
  const logLevel = withLibrary(config)
  return Object.freeze({ ...config, databaseUrl, logLevel, sessionWebhookUrls: sessionWebhookUrls(env) })
}

/** What a command line says; throws ConfigError. */
export function readCommandLine(args: readonly string[]): GivenFlags {
  const own = Object.values(settings).flatMap(({ flag, isSwitch = false }: Setting<z.ZodType>) =>
    flag === undefined ? [] : [[flag, { isSwitch }] as const],
  )
  const known: KnownFlags = new Map([...own, ...Object.entries(OTHER_FLAGS)])
  try {
    return readFlags(args, known)
  } catch (error) {
    throw error instanceof FlagError ? new ConfigError(error.message) : error
  }
}

/** The settings as documentation rows, in the order they are declared. */
export function configTable(): ConfigRow[] {
  const rows = Object.entries(settings).map(([key, declared]: [string, Setting<z.ZodType>]) => ({
    key,
    env: declared.env,
    flag: declared.flag,
    default: declared.shownDefault ?? String(declared.schema.parse(undefined) ?? ''),
    help: declared.help,
  }))
  return [...rows, sessionWebhookUrlsRow]
}

function readSetting(declared: Setting<z.ZodType>, env: Environment, flags: GivenFlags['values']): unknown {
  const { schema, isSecret } = declared
  const { name, given } = fromFlag(declared, { env, flags }) ?? fromVariable(declared, env)
  const { data, error } = schema.safeParse(given, { reportInput: true })
  const issue = error?.issues[0]
  if (!issue) return data
  // Of a list, the item that is wrong.
  const wrong = issue.path.length > 0 ? issue.input : given
  throw new ConfigError(`${name} ${issue.message}${isSecret ? '' : `, not "${wrong}"`}`)
}

interface Given {
  name?: string
  given?: string
}

/** Empty text counts as absent, as that of a variable: both come from files that pass on what is not set. */
function fromFlag(
  { flag, isPath }: Setting<z.ZodType>,
  { env, flags }: { env: Environment; flags: GivenFlags['values'] },
): Given | undefined {
  const given = flag === undefined ? '' : (flags.get(flag)?.trim() ?? '')
  if (given === '') return undefined
  // The scripts that start the program go to its own folder, and note where the command was given.
  return { name: `-${flag}`, given: isPath ? resolve(env.PARLEY_STARTED_IN ?? '.', given) : given }
}

function fromVariable(declared: Setting<z.ZodType>, env: Environment): Given {
  // A compose file passes unset variables as empty text.
  const name = declared.env.find((candidate) => env[candidate]?.trim())
  return name === undefined ? {} : { name, given: env[name]?.trim() }
}

/** The level at which that of the library is logged that was asked for: its lines are quieter than ours. */
function withLibrary({ logLevel, libraryLog }: Config): Config['logLevel'] {
  const wanted = libraryLog === 'debug' ? 'trace' : libraryLog === 'info' ? 'debug' : undefined
  return wanted && logLevel !== 'trace' ? wanted : logLevel
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
