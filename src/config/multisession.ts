import { setting } from './setting.ts'
import { bool, integer, text } from './values.ts'

/** The settings of the dialect multisession, under the names its document gives them. */
export const multisessionSettings = {
  jwtSecretKey: setting(['JWT_SECRET_KEY'], text.optional(), {
    help: 'multisession: signs the tokens of devices; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in the database',
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
