import type { WebhookOwner, WebhookProfile } from '../../../delivery/webhook-profiles.ts'
import type { Event } from '../../../events/event.ts'
import { slot, TEST } from './names.ts'
import { encodeDelivery, eventRenderers, tellingsOf } from './tellings.ts'

const FIRST_PAUSE_MS = 2_000

/** Whether a webhook takes an event: all of them where its list is empty, no wildcards. */
export function accepts(events: string, name: string): boolean {
  return events === '' || events.split(',').includes(name)
}

/** Why an address gets nothing. */
export const refusals = {
  scheme: 'only HTTPS URLs are allowed',
  network: 'private/local network URLs are not allowed',
}

function partsFor(event: Event, { user, webhook, config }: WebhookOwner): string[] {
  return [...tellingsOf(event, user)]
    .filter(([, { name }]) => {
      if (name === TEST) return true
      if (name.startsWith('appstate.') && !config.appStateWebhookEnabled) return false
      return accepts(webhook.events, name)
    })
    .map(([part]) => part)
}

/** Where a device of this dialect is told what happened: every webhook that it has made. */
export const webhookProfile: WebhookProfile = {
  slot,
  renderers: eventRenderers,
  encode: encodeDelivery,
  format: 'json',
  isOn: ({ webhook, config }) => config.webhooksEnabled && webhook.url !== '',
  wants: (event, owner) => partsFor(event, owner).length > 0,
  parts: partsFor,
  urlOf: ({ name }, { webhook }) =>
    name === TEST || accepts(webhook.events, name) ? webhook.url || undefined : undefined,
  // The pauses of the original between its attempts; the server's own follow.
  firstPausesMs: ({ webhookRetryLimit }) =>
    Array.from({ length: webhookRetryLimit - 1 }, (_, index) => FIRST_PAUSE_MS * 2 ** index),
  refusals,
  numbersWebhooks: true,
}
