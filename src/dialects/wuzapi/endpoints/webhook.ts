import { z } from 'zod'
import { del, type Endpoint, get, post, put, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, stringArray, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { Webhook, WebhookPatch } from '../../../store/delivery/webhooks.ts'
import { existing } from '../events/subscriptions.ts'
import { changeOwnWebhook, readOwnWebhook } from '../shapes/account.ts'
import { details } from '../shapes/fields.ts'

const undecodable = 'could not decode payload'

interface Replacement {
  url: string
  active: boolean
  /** Subscribed names, as far as they exist. */
  events: string[]
  /** Whether the caller listed any, existing or not. */
  listed: boolean
}

function setWebhook(
  scope: UserScope,
  { url, events }: Pick<WebhookPatch, 'url' | 'events'>,
): Promise<Webhook> {
  return changeOwnWebhook(scope, { url, ...(events && { events }) })
}

async function removeWebhook(scope: UserScope, { clearEvents }: { clearEvents: boolean }): Promise<void> {
  await changeOwnWebhook(scope, { url: '', ...(clearEvents && { events: '' }) })
}

async function replaceWebhook(scope: UserScope, replacement: Replacement): Promise<Replacement> {
  const { url, active, events, listed } = replacement
  if (!active) {
    await removeWebhook(scope, { clearEvents: listed })
    return { ...replacement, url: '' }
  }
  await setWebhook(scope, { url, events: events.join(',') })
  return replacement
}

export const webhookEndpoints: Endpoint[] = [
  get('/webhook', {
    summary: 'Show the webhook and its subscriptions',
    needs: 'stored',
    power: 'full',
    run: readOwnWebhook,
    // A user without subscriptions has one empty name, as wuzapi splits an empty list.
    reply: reply(
      z.object({ subscribe: z.array(z.string()), webhook: z.string() }),
      ({ events, url }: Webhook) => ({ subscribe: events.split(','), webhook: url }),
    ),
  }),

  post('/webhook', {
    summary: 'Set the webhook, and its subscriptions if any are given',
    needs: 'stored',
    body: z.object({
      webhookURL: text(limits.url),
      webhook: text(limits.url).describe("The same by the name in wuzapi's own specification"),
      events: stringArray({ each: limits.name }),
    }),
    undecodable,
    run: setWebhook,
    input: ({ body }) => ({ url: body.webhookURL || body.webhook, events: existing(body.events).join(',') }),
    reply: reply(z.object({ webhook: z.string() }), ({ url }: Webhook) => ({ webhook: url })),
    failure: 'could not set webhook: %s',
  }),

  put('/webhook', {
    summary: 'Replace the webhook, or empty it when not active',
    needs: 'stored',
    body: z.object({ webhook: text(limits.url), events: stringArray({ each: limits.name }), active: bool() }),
    undecodable,
    run: replaceWebhook,
    input: ({ body }) => ({
      url: body.webhook,
      active: body.active,
      events: existing(body.events),
      listed: body.events.length > 0,
    }),
    reply: reply(
      z.object({ active: z.boolean(), events: z.array(z.string()).nullable(), webhook: z.string() }),
      ({ active, events, url }: Replacement) => ({
        active,
        events: events.length > 0 ? events : null,
        webhook: url,
      }),
    ),
    failure: 'could not update webhook: %s',
  }),

  del('/webhook', {
    summary: 'Remove the webhook and all subscriptions',
    needs: 'stored',
    run: (scope) => removeWebhook(scope, { clearEvents: true }),
    reply: reply(details, () => ({ Details: 'Webhook and events deleted successfully' })),
    failure: 'could not delete webhook: %s',
  }),
]
