import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { renderEvent } from '../../src/delivery/renderer.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { Event } from '../../src/events/event.ts'
import { blankWebhook } from '../../src/store/delivery/webhooks.ts'
import { stanzaEvents } from '../../src/whatsapp/inbound/parse/stanza.ts'
import { sampleUser } from '../helpers/users.ts'
import { eventScenarios } from './wuzapi-events/event-scenarios.ts'
import { ME, messageScenarios, receivedMessage } from './wuzapi-events/message-scenarios.ts'
import { callScenarios, stanzaScenarios } from './wuzapi-events/stanza-scenarios.ts'

const receipt = { type: 'receipt', messageIds: ['A'], timestamp: 1, messageSender: '' } as const
const source = { chat: 'a@s.whatsapp.net', sender: 'a@s.whatsapp.net', senderAlt: '', recipientAlt: '' }
const ask = { type: 'session.passkey.request', publicKey: {} } as const
const call = { type: 'call.state', chat: '', callId: 'C', peer: 'a@s.whatsapp.net', timestamp: 1 } as const

/** What happens, as it is stored: all that the samples of the original hold, and kinds that some dialects leave out. */
const events: [string, Event][] = [
  ...Object.entries(messageScenarios).map(([name, scenario]) => [name, receivedMessage(scenario)]),
  ...Object.entries({ ...stanzaScenarios, ...callScenarios }).flatMap(([name, stanza]) =>
    stanzaEvents(stanza, ME).map((event) => [name, event]),
  ),
  ...Object.entries(eventScenarios).flatMap(([name, event]) => (event ? [[name, event]] : [])),
  ...['', 'read', 'read-self', 'played', 'played-self', 'inactive', 'sender', 'retry', 'server-error'].map(
    (kind) => [`receipt ${kind}`, { ...receipt, ...source, kind }],
  ),
  ['passkey of a pairing', { ...ask, by: 'pairing' }],
  ['passkey of a socket', { ...ask, by: 'socket' }],
  ...['calling', 'active', 'ended'].flatMap((state) =>
    ['hangup', 'failed', 'rejected'].map((reason) => [
      `call ${state} ${reason}`,
      { ...call, direction: 'incoming', state, reason },
    ]),
  ),
  ['test', { type: 'test', timestamp: 1 }],
].map(([name, event]) => [String(name), JSON.parse(JSON.stringify(event))])

const user = sampleUser()
const config = loadConfig({
  ENABLE_WEBHOOK: 'true',
  BASE_WEBHOOK_URL: 'https://example.org',
  WEBHOOKS_ENABLED: 'true',
  APPSTATE_WEBHOOK_ENABLED: 'true',
})
const profiles = dialects.flatMap(({ name, webhooks }) => (webhooks ? [{ name, webhooks }] : []))

describe.each(profiles)('whatever a webhook of $name wants', ({ webhooks: profile }) => {
  const webhook = {
    ...blankWebhook(`${profile.slot}:u`, profile.slot),
    url: 'https://example.org',
    events: profile.eventNames ? 'All' : '',
  }
  const owner = { user, config, webhook, own: webhook }
  const wanted = events.filter(([, event]) => event.type === 'test' || profile.wants(event, owner))

  test.each(wanted)('%s is told, under the name that lists have for it', async (_name, event) => {
    for (const part of profile.parts?.(event, owner) ?? ['']) {
      const rendered = await renderEvent(profile.renderers, event, { user, timeZone: '', part })

      expect(rendered).toBeDefined()
      expect(rendered && profile.urlOf(rendered, owner)).toMatch(/^https:/)
      const known = part ? part.replace(/#\d+$/, '') : profile.typeNames?.[event.type]
      if (known !== undefined) expect(rendered?.name).toBe(known)
    }
  })
})
