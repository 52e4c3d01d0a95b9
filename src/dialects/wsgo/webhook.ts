import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  changeWebhook,
  readWebhook as readOwnWebhook,
  requireHttpUrl,
} from '../../operations/deliveries/webhooks.ts'
import type { UserScope } from '../../operations/services.ts'
import type { Webhook } from '../../store/delivery/webhooks.ts'
import { webhookProfile } from './events.ts'

const webhook = reply(z.object({ url: z.string() }), ({ url }: Webhook) => ({ url }))

function readWebhook(scope: UserScope): Promise<Webhook> {
  return readOwnWebhook(scope, webhookProfile.slot)
}

/** Throws `invalid_field` for what is no address of a web server; '' is none at all. */
function setWebhook(scope: UserScope, url: string): Promise<Webhook> {
  if (url !== '') requireHttpUrl('url', url)
  return changeWebhook(scope, webhookProfile.slot, { url })
}

export const webhookEndpoints: Endpoint[] = [
  post('/api/webhook', {
    summary: 'Set the webhook URL',
    needs: 'stored',
    body: z.object({
      url: textUpTo(limits.url, z.string('url is required')).describe('Empty switches delivery off'),
    }),
    run: setWebhook,
    input: ({ body }) => body.url.trim(),
    reply: webhook,
  }),

  get('/api/webhook', {
    summary: 'Read the webhook URL',
    needs: 'stored',
    power: 'full',
    run: readWebhook,
    reply: webhook,
  }),
]
