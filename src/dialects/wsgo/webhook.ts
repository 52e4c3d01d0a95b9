import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { dialectWebhook, setDialectWebhook } from '../../operations/deliveries/dialect-webhooks.ts'
import type { UserScope } from '../../operations/services.ts'
import { receiver } from './events.ts'

const webhook = reply(z.object({ url: z.string() }), (url: string) => ({ url }))

function readWebhook(scope: UserScope): Promise<string> {
  return dialectWebhook(scope, receiver.name)
}

function setWebhook(scope: UserScope, url: string): Promise<string> {
  return setDialectWebhook(scope, { dialect: receiver.name, url })
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
    run: readWebhook,
    reply: webhook,
  }),
]
