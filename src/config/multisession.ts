import { z } from 'zod'
import { setting } from './setting.ts'
import { bool, integer, interval, list, size } from './values.ts'

/** The path before every route of a dialect at the root, without slashes at its ends; '' for none. */
const prefix = z
  .string()
  .transform((given) => given.replace(/^\/+|\/+$/g, ''))
  .pipe(z.string().regex(/^([\w-][\w.-]*(\/[\w-][\w.-]*)*)?$/, 'must be a path such as /api/v1'))

/** A shorter one can be found by trying. */
const signingKey = z.string().min(32, 'must have at least 32 characters')

/** The settings of the dialect multisession, under the names its document gives them. */
export const multisessionSettings = {
  jwtSecretKey: setting(['JWT_SECRET_KEY'], signingKey.optional(), {
    help: 'multisession: signs the tokens of devices; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in the database',
  }),
  httpBaseUrl: setting(['HTTP_BASE_URL'], prefix.default(''), {
    help: 'multisession: path before every route where the dialect is at the root, such as `/api/v1`',
  }),
  httpCorsOrigin: setting(['HTTP_CORS_ORIGIN'], list().default(['*']), {
    help: 'multisession: origins whose pages may call, separated by commas; `*` for all',
  }),
  httpBodyLimit: setting(['HTTP_BODY_LIMIT_SIZE'], size.default(8 * 1024 * 1024), {
    help: 'multisession: largest request body, with K, M or G; larger files than the default of 8M need more',
    shownDefault: '8M',
  }),
  httpGzipLevel: setting(['HTTP_GZIP_LEVEL'], integer(0, 9).default(1), {
    help: 'multisession: how hard answers are compressed, 1 to 9; 0 does not compress them',
  }),
  customersLimited: setting(['CUSTOMER_RATE_LIMIT_ENABLED'], bool.default(true), {
    help: 'multisession: hold customers to the requests per hour that their keys say',
  }),
  versionRefreshMinMs: setting(['WHATSAPP_WAVERSION_REFRESH_MIN_INTERVAL'], interval.default(600_000), {
    help: 'multisession: least time between two looks for the current WhatsApp Web version, where a request does not force one',
    shownDefault: '10m',
  }),
  sendLimited: setting(['WHATSAPP_RATE_LIMIT_ENABLED'], bool.default(false), {
    help: 'limit what one account sends as the next two settings say, unless `SEND_RATE_PER_SECOND` is set; more wait their turn for up to half a minute, then 429',
  }),
  sendPerMinute: setting(['WHATSAPP_RATE_LIMIT_MSG_PER_MINUTE'], integer(1, 60_000).default(20), {
    help: 'messages one account may send per minute',
  }),
  sendBurst: setting(['WHATSAPP_RATE_LIMIT_BURST_SIZE'], integer(1, 1_000).default(5), {
    help: 'messages an account that was quiet may send at once',
  }),
  webhooksEnabled: setting(['WEBHOOKS_ENABLED'], bool.default(true), {
    help: 'multisession: deliver events to the webhooks of devices; its routes work either way',
  }),
  webhookRetryLimit: setting(['WEBHOOK_RETRY_LIMIT'], integer(1, 10).default(3), {
    help: 'multisession: attempts with pauses of 2, 4, … seconds, before those of the schedule of all webhooks',
  }),
  webhookMaxPerDevice: setting(['WEBHOOK_MAX_PER_DEVICE'], integer(1, 20).default(5), {
    help: 'multisession: webhooks a device may have',
  }),
  appStateWebhookEnabled: setting(['WHATSAPP_APPSTATE_WEBHOOK_ENABLED'], bool.default(false), {
    help: 'multisession: tell `appstate.*`, too',
  }),
}
