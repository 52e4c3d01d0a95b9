import { z } from 'zod'
import { setting } from './setting.ts'
import { bool, duration, integer, interval, list, size } from './values.ts'

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
  autoTyping: setting(['WHATSAPP_AUTO_TYPING_ENABLED'], bool.default(true), {
    help: 'multisession: show that somebody types before a message goes out, unless a request says otherwise',
  }),
  typingDelayMinMs: setting(['WHATSAPP_TYPING_DELAY_MIN'], duration.default(1_000), {
    help: 'multisession: shortest time of typing',
    shownDefault: '1s',
  }),
  typingDelayMaxMs: setting(['WHATSAPP_TYPING_DELAY_MAX'], duration.default(3_000), {
    help: 'multisession: longest time of typing',
    shownDefault: '3s',
  }),
  autoOnline: setting(['WHATSAPP_AUTO_PRESENCE_ENABLED'], bool.default(true), {
    help: 'multisession: be online while a message goes out, unless a request says otherwise',
  }),
  readReceiptJitter: setting(['WHATSAPP_READ_RECEIPT_JITTER_ENABLED'], bool.default(true), {
    help: 'multisession: read receipts go out after a moment',
  }),
  readReceiptDelayMinMs: setting(['WHATSAPP_READ_RECEIPT_DELAY_MIN'], duration.default(500), {
    help: 'multisession: shortest such moment',
    shownDefault: '500ms',
  }),
  readReceiptDelayMaxMs: setting(['WHATSAPP_READ_RECEIPT_DELAY_MAX'], duration.default(2_000), {
    help: 'multisession: longest such moment',
    shownDefault: '2s',
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
}
