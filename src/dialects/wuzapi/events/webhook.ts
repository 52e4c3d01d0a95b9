import type { WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import type { Event } from '../../../events/event.ts'
import type { Webhook } from '../../../store/delivery/webhooks.ts'
import { isTold } from '../../shared/whatsmeow/renderers.ts'
import { notification } from '../stdio/notification.ts'
import { isCallTold } from './call-events.ts'
import { encodeDelivery } from './delivery.ts'
import { encodeErrorReport } from './error-report.ts'
import { typeNames, wuzapiEventNames } from './event-names.ts'
import { eventRenderers } from './events.ts'
import { fileToStore, wantedFile } from './media-extras.ts'
import { eventNames } from './subscriptions.ts'

/** First word of the ids of wuzapi's webhooks: the first one was a part of the user. */
export const slot = 'user'

/** Names match exactly, `All` matches everything there is a name for, an empty list nothing. */
function isSubscribed(event: Event, { events }: Pick<Webhook, 'events'>): boolean {
  const name = wuzapiEventNames[event.type]
  if (name === null || !isTold(event) || !isCallTold(event)) return false
  const subscribed = events.split(',').map((one) => one.trim())
  return subscribed.includes(name) || subscribed.includes('All')
}

/** The user's webhook, the webhook of all users and the message queue, as wuzapi has them. */
export const webhookProfile: WebhookProfile = {
  slot,
  dialect: 'wuzapi',
  typeNames,
  renderers: eventRenderers,
  encode: encodeDelivery,
  isOn: ({ webhook }) => webhook.url !== '',
  // What the API itself sent is told to the queue alone. The shared webhook follows the subscriptions of each user.
  wants: (event, { webhook, own }) =>
    event.type !== 'message.sent' && isSubscribed(event, webhook.slot === slot ? webhook : own),
  urlOf: (_rendered, { webhook }) => webhook.url || undefined,
  eventNames,
  files: {
    wanted: (event, { user }) => (event.type === 'message' ? wantedFile(event, user) : undefined),
    toStore: fileToStore,
  },
  // Never signed with the key of a user, nor a user's with this one.
  shared: {
    name: 'global',
    of: ({ globalWebhook, globalHmacKey = '' }) =>
      globalWebhook ? { url: globalWebhook, hmacKey: globalHmacKey } : undefined,
  },
  pipe: {
    wants: (event, { own }) => event.type !== 'message.sent' && isSubscribed(event, own),
    line: notification,
  },
  queue: {
    wants: (event, { own }) => event.type === 'message.sent' || isSubscribed(event, own),
    encodeErrorReport,
  },
}
