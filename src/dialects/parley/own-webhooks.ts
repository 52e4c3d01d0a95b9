import { z } from 'zod'
import { del, type Endpoint, get, post, put, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { testOwnWebhook } from '../../operations/deliveries/deliveries.ts'
import {
  addWebhook,
  allOwnWebhooks,
  changeOwnWebhook,
  type OwnWebhook,
  removeOwnWebhook,
} from '../../operations/deliveries/further-webhooks.ts'
import type { WebhookPatch } from '../../store/delivery/webhooks.ts'
import { deliveryList } from './deliveries.ts'
import { named, which } from './own-deliveries.ts'
import { doneReply } from './targets.ts'

const MAX_HEADERS = 20

const webhook = z
  .object({
    target: z.string().describe('What its deliveries, its secret and its mode go by'),
    url: z.string(),
    events: z.array(z.string()).describe('Empty for none, where the dialect has subscriptions'),
    format: z
      .enum(['form', 'json'])
      .optional()
      .describe("Where the dialect leaves a choice; else the server's"),
    hasHmacKey: z.boolean(),
    headers: z.array(z.string()).describe('Names of further headers; what they say is not shown'),
  })
  .meta({ title: 'OwnWebhook' })

function view({ target, url, events, format, hmacKey, headers }: OwnWebhook): z.infer<typeof webhook> {
  return {
    target,
    url,
    events: events.split(',').filter((name) => name !== ''),
    ...(format && { format }),
    hasHmacKey: hmacKey !== '',
    headers: Object.keys(headers),
  }
}

const one = reply(webhook, view)

const settings = {
  url: textUpTo(limits.url, z.string()).optional(),
  events: z
    .array(textUpTo(limits.name, z.string()))
    .optional()
    .describe('Names as the dialect has them; All'),
  format: z.enum(['form', 'json'], 'format must be form or json').optional(),
  hmacKey: textUpTo(limits.secret, z.string()).optional().describe("Key of the dialect's own signature"),
  headers: z
    .record(z.string(), textUpTo(limits.secret, z.string()))
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`)
    .optional()
    .describe('Sent with every request'),
}

function patchOf({ events, ...given }: z.infer<z.ZodObject<typeof settings>>): WebhookPatch {
  return { ...given, ...(events && { events: events.join(',') }) }
}

/** Any number of webhooks per user, each with its own address, events, format, secret, log and test. */
export const ownWebhookEndpoints: Endpoint[] = [
  get('/me/webhooks', {
    summary: 'All own webhooks: the first of each dialect, and further ones',
    needs: 'stored',
    power: 'full',
    run: allOwnWebhooks,
    reply: reply(z.object({ webhooks: z.array(webhook) }), (webhooks: OwnWebhook[]) => ({
      webhooks: webhooks.map(view),
    })),
  }),

  post('/me/webhooks', {
    summary: 'Add a webhook in the words of a dialect',
    needs: 'stored',
    body: z.object({
      slot: z.string('slot is required').describe('user (wuzapi), wago-api, wsgo'),
      ...settings,
    }),
    run: addWebhook,
    input: ({ body: { slot, ...given } }) => ({ slot, patch: patchOf(given) }),
    reply: one,
  }),

  put('/me/webhooks', {
    summary: 'Change what is given of a webhook',
    needs: 'stored',
    query: which,
    body: z.object(settings),
    run: changeOwnWebhook,
    input: ({ query, body }) => ({ target: named(query), patch: patchOf(body) }),
    reply: one,
  }),

  del('/me/webhooks', {
    summary: 'Remove a webhook; what waits for it is dropped',
    needs: 'stored',
    query: which,
    run: removeOwnWebhook,
    input: ({ query }) => named(query),
    reply: doneReply,
  }),

  post('/me/webhooks/test', {
    summary: 'Send an event of type Test to one webhook',
    needs: 'stored',
    query: which,
    run: testOwnWebhook,
    input: ({ query }) => named(query),
    reply: deliveryList,
  }),
]
