import type { WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import { callSignals } from '../../../operations/account/tracked-calls.ts'
import { formBody } from '../../shared/go/form-body.ts'
import { goStringify } from '../../shared/go/stringify.ts'
import { classes, classOf, slot } from './names.ts'
import { eventRenderers } from './renderers.ts'

/** Where a session of this dialect is told what happened: a form with the session's token and the event as JSON. */
export const webhookProfile: WebhookProfile = {
  slot,
  renderers: eventRenderers,
  encode: ({ payload }, { user }) => ({
    body: formBody({ jsonData: goStringify(payload), token: user.token }),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  isOn: ({ webhook }) => webhook.url !== '',
  wants: (event, { webhook }) => {
    const name = classOf[event.type]
    const subscribed = webhook.events.split(',')
    return name !== null && (subscribed.includes(name) || subscribed.includes('All'))
  },
  urlOf: (_rendered, { webhook }) => webhook.url || undefined,
  eventNames: classes,
  // For `GET /call/status`, and to reject a call of which only the id is given.
  keeps: callSignals,
}
