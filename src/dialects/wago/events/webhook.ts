import { encodeMultipart } from '../../../delivery/multipart-body.ts'
import type { DeliveryEncoder } from '../../../delivery/renderer.ts'
import type { WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import { callSignals } from '../../../operations/calls/tracked-calls.ts'
import { formBody } from '../../shared/go/form-body.ts'
import { goStringify } from '../../shared/go/stringify.ts'
import { mediaReference } from '../../shared/whatsmeow/message-file.ts'
import { isTold } from '../../shared/whatsmeow/renderers.ts'
import { classes, classOf, slot } from './names.ts'
import { eventRenderers } from './renderers.ts'

/**
 * A form with the session's token and the event as JSON; with the file of a message as a further part where there is one.
 * Whoever fetches deliveries gets JSON.
 */
const encodeDelivery: DeliveryEncoder = ({ payload, file }, { user, id, format }) => {
  if (format === 'json') {
    const body = goStringify({ ...payload, token: user.token })
    return { body, headers: { 'Content-Type': 'application/json' } }
  }
  const fields = { jsonData: goStringify(payload), token: user.token }
  if (file) return encodeMultipart(id, { fields, file: { ...file, name: 'file' } })
  return { body: formBody(fields), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
}

/** Where a session of this dialect is told what happened. */
export const webhookProfile: WebhookProfile = {
  slot,
  renderers: eventRenderers,
  // The one that can be too large to be looked into.
  typeNames: { 'history.sync': 'HistorySync' },
  encode: encodeDelivery,
  // The document knows no other, whatever the webhooks of other dialects get.
  format: 'form',
  isOn: ({ webhook }) => webhook.url !== '',
  wants: (event, { webhook }) => {
    const name = classOf[event.type]
    const subscribed = webhook.events.split(',')
    return name !== null && isTold(event) && (subscribed.includes(name) || subscribed.includes('All'))
  },
  urlOf: (_rendered, { webhook }) => webhook.url || undefined,
  eventNames: classes,
  files: {
    as: 'file',
    wanted: (event, { config }) =>
      config.wagoForwardMedia && event.type === 'message' ? mediaReference(event) : undefined,
    toStore: () => undefined,
  },
  // For `GET /call/status`, and to reject a call of which only the id is given.
  keeps: callSignals,
}
