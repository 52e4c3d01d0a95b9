import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { requireHttpUrl } from '../../../operations/deliveries/webhooks.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { Webhook } from '../../../store/delivery/webhooks.ts'
import { changeOwnWebhook, readOwnWebhook } from '../shapes/account.ts'
import { missing } from '../shapes/fields.ts'

/** Sets the address; a session that has not said what it wants to be told gets everything. */
async function setAddress(scope: UserScope, url: string): Promise<Webhook> {
  const { events } = await readOwnWebhook(scope)
  return changeOwnWebhook(scope, { url, events: events || 'All' })
}

export const webhookEndpoints: Endpoint[] = [
  post('/webhook', {
    summary: 'Set the address that events are posted to',
    needs: 'stored',
    body: z.object({
      WebhookURL: textUpTo(limits.url, z.string(missing('WebhookURL'))).describe('Empty for none'),
    }),
    run: setAddress,
    input: ({ body }) => {
      if (body.WebhookURL !== '') requireHttpUrl('WebhookURL', body.WebhookURL)
      return body.WebhookURL
    },
    reply: reply(z.object({ webhook: z.string() }), ({ url }: Webhook) => ({ webhook: url })),
  }),

  get('/webhook', {
    summary: 'Show the address and the classes of events that are posted to it',
    needs: 'stored',
    power: 'full',
    run: readOwnWebhook,
    reply: reply(
      z.object({ subscribe: z.array(z.string()), webhook: z.string() }),
      ({ url, events }: Webhook) => ({
        subscribe: events === '' ? [] : events.split(','),
        webhook: url,
      }),
    ),
  }),
]
