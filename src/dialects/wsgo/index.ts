import type { Dialect } from '../../http/endpoint/dialect.ts'
import { asAnyone, asUser, securitySchemes } from './auth.ts'
import { connectionEndpoints } from './connection.ts'
import { contactEndpoints } from './contacts.ts'
import { eventLogEndpoints } from './event-log.ts'
import { webhookProfile } from './events.ts'
import { envelopeSchemas, fail } from './failures.ts'
import { groupEndpoints } from './groups.ts'
import { messagingEndpoints } from './messaging.ts'
import { pageEndpoints } from './pages.ts'
import { webhookEndpoints } from './webhook.ts'

const key = { security: 'key', authenticate: asUser }

/** The API of wsgo, in the chapters and the order of its document; its one device is that of the user with the key. */
export const wsgo: Dialect = {
  name: webhookProfile.slot,
  title: 'Parley: the wsgo API',
  groups: [
    { tag: 'Connection & Status', ...key, endpoints: connectionEndpoints },
    { tag: 'Messaging', ...key, endpoints: messagingEndpoints },
    { tag: 'Groups', ...key, endpoints: groupEndpoints },
    { tag: 'Contacts', ...key, endpoints: contactEndpoints },
    { tag: 'Webhooks', ...key, endpoints: webhookEndpoints },
    { tag: 'Events Log', ...key, endpoints: eventLogEndpoints },
    { tag: 'Pages', security: 'none', authenticate: asAnyone, endpoints: pageEndpoints },
  ],
  securitySchemes,
  words: async () => (await import('./document.ts')).documentWords,
  ok: (data) => data,
  fail,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json',
  webhooks: webhookProfile,
}
