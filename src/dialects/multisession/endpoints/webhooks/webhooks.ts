import { z } from 'zod'
import { del, type Endpoint, get, patch, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, requiredText, stringArray } from '../../../../http/endpoint/fields.ts'
import { deviceIdOf } from '../../../../lib/device-id.ts'
import { limits } from '../../../../lib/limits.ts'
import { type NumberedWebhook, numberedWebhook } from '../../../../operations/deliveries/numbered-webhooks.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { answer, done } from '../../envelope.ts'
import { slot } from '../../events/names.ts'
import { orNull } from '../../shapes/device-shape.ts'
import { instant } from '../../shapes/fields.ts'
import {
  changeWebhookOfDevice,
  createWebhook,
  type Delivered,
  deliveriesOf,
  removeWebhookOfDevice,
  tryWebhooks,
  webhooksOfDevice,
} from './steps.ts'

const undecodable = 'invalid request body'

const LARGEST = 2n ** 63n - 1n
/** Numbers are counted from 1: others are nobody's. */
const number = z
  .string()
  .refine(
    (given) => /^[+-]?\d{1,20}$/.test(given) && BigInt(given) <= LARGEST && BigInt(given) >= -LARGEST - 1n,
    'invalid webhook_id',
  )
  .transform((given) => (Number.isSafeInteger(Number(given)) ? Number(given) : 0))
const params = z.object({ webhook_id: number })

const body = z.object({
  url: requiredText('url is required', limits.url),
  events: stringArray({ each: limits.name, all: limits.list })
    .refine((names) => names.every((name) => !name.includes(',')), 'an event name has no comma')
    .describe('Names of events; none for all of them'),
})

const shape = z.object({
  ID: z.int(),
  DeviceID: z.string(),
  URL: z.string(),
  Secret: z.string().describe('Signs what is posted'),
  Events: z.array(z.string()).nullable().describe('null for all of them'),
  Active: z.boolean(),
  CreatedAt: z.string().nullable(),
  UpdatedAt: z.string().nullable(),
})

interface Owned {
  userId: string
  webhook: NumberedWebhook
}

function fields({ userId, webhook }: Owned): z.infer<typeof shape> {
  return {
    ID: webhook.number,
    DeviceID: deviceIdOf(userId),
    URL: webhook.url,
    Secret: webhook.hmacKey,
    Events: webhook.events === '' ? null : webhook.events.split(','),
    Active: webhook.isActive,
    CreatedAt: instant(webhook.createdAt),
    UpdatedAt: instant(webhook.updatedAt),
  }
}

async function readWebhookOfDevice(scope: UserScope, number: number): Promise<Owned> {
  return { userId: scope.user.id, webhook: await numberedWebhook(scope, { slot, number }) }
}

export const webhookEndpoints: Endpoint[] = [
  get('/webhooks', {
    summary: 'List the webhooks of the device',
    needs: 'stored',
    power: 'full',
    run: webhooksOfDevice,
    reply: answer('success', z.object({ webhooks: z.array(shape).nullable() }), (found: Owned[]) => ({
      webhooks: orNull(found.map(fields)),
    })),
  }),

  post('/webhooks', {
    summary: 'Add a webhook; its secret is made here',
    needs: 'stored',
    undecodable,
    body,
    run: createWebhook,
    input: ({ body }) => ({ url: body.url, events: body.events.join(',') }),
    reply: answer(
      'webhook created',
      z.object({ secret: z.string(), webhook_id: z.int() }),
      ({ hmacKey, number }: NumberedWebhook) => ({ secret: hmacKey, webhook_id: number }),
    ),
  }),

  get('/webhooks/{webhook_id}', {
    summary: 'Show a webhook',
    needs: 'stored',
    params,
    power: 'full',
    run: readWebhookOfDevice,
    input: ({ params }) => params.webhook_id,
    reply: answer('success', z.object({ webhook: shape }), (found: Owned) => ({ webhook: fields(found) })),
  }),

  patch('/webhooks/{webhook_id}', {
    summary:
      'Replace what is set of a webhook; without `active` it is switched off, without `events` it gets all',
    needs: 'stored',
    undecodable,
    params,
    body: body.extend({ active: bool() }),
    run: changeWebhookOfDevice,
    input: ({ params, body }) => ({
      number: params.webhook_id,
      patch: { url: body.url, events: body.events.join(','), isActive: body.active },
    }),
    reply: done('webhook updated'),
  }),

  del('/webhooks/{webhook_id}', {
    summary: 'Remove a webhook; what waits for it is dropped',
    needs: 'stored',
    params,
    run: removeWebhookOfDevice,
    input: ({ params }) => params.webhook_id,
    reply: done('webhook deleted'),
  }),

  get('/webhooks/{webhook_id}/logs', {
    summary: 'List the newest 100 deliveries of a webhook, newest first',
    needs: 'stored',
    params,
    power: 'full',
    run: deliveriesOf,
    input: ({ params }) => params.webhook_id,
    reply: answer(
      'success',
      z.object({
        logs: z
          .array(
            z.object({
              ID: z.int(),
              WebhookID: z.int(),
              EventType: z.string(),
              Status: z.enum(['pending', 'success', 'failed', 'retrying']),
              AttemptCount: z.int(),
              LastError: z.string(),
              CreatedAt: z.string().nullable(),
              UpdatedAt: z.string().nullable(),
            }),
          )
          .nullable(),
      }),
      (log: Delivered[]) => ({
        logs: orNull(
          log.map((entry) => ({
            ID: entry.id,
            WebhookID: entry.number,
            EventType: entry.event,
            Status: entry.status,
            AttemptCount: entry.attempts,
            LastError: entry.error,
            CreatedAt: instant(entry.createdAt),
            UpdatedAt: instant(entry.updatedAt),
          })),
        ),
      }),
    ),
  }),

  post('/webhooks/{webhook_id}/test', {
    summary: 'Send `test.ping` to every active webhook of the device that takes it',
    needs: 'stored',
    params,
    run: tryWebhooks,
    input: ({ params }) => params.webhook_id,
    reply: done('test webhook dispatched'),
  }),
]
