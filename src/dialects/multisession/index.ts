import type { Dialect } from '../../http/endpoint/dialect.ts'
import { withoutSession } from '../../operations/customers/device-state.ts'
import { admit, asAdmin, asAnyone, asCustomer, asDevice, securitySchemes } from './auth.ts'
import { apiKeyEndpoints } from './endpoints/admin/api-keys.ts'
import { dashboardEndpoints } from './endpoints/admin/dashboard.ts'
import { botEndpoints } from './endpoints/bots.ts'
import { businessEndpoints } from './endpoints/business.ts'
import { connectionEndpoints } from './endpoints/device/connection.ts'
import { deviceCreationEndpoints, deviceEndpoints, deviceTokenEndpoints } from './endpoints/device/devices.ts'
import { historyEndpoints } from './endpoints/device/history.ts'
import { linkEndpoints } from './endpoints/device/link.ts'
import { communityEndpoints } from './endpoints/groups/communities.ts'
import { groupEndpoints } from './endpoints/groups/groups.ts'
import { invitationEndpoints } from './endpoints/groups/invitations.ts'
import { memberEndpoints } from './endpoints/groups/members.ts'
import { appStateEndpoints } from './endpoints/messaging/app-state.ts'
import { callEndpoints } from './endpoints/messaging/calls.ts'
import { chatEndpoints } from './endpoints/messaging/chats.ts'
import { messageEndpoints } from './endpoints/messaging/message-actions.ts'
import { pollEndpoints } from './endpoints/messaging/polls.ts'
import { presenceEndpoints } from './endpoints/messaging/presence.ts'
import { sendEndpoints } from './endpoints/messaging/send.ts'
import { sendMediaEndpoints } from './endpoints/messaging/send-media.ts'
import { statusEndpoints } from './endpoints/messaging/statuses.ts'
import { newsletterEndpoints } from './endpoints/newsletters/newsletters.ts'
import { postEndpoints } from './endpoints/newsletters/posts.ts'
import { postingEndpoints } from './endpoints/newsletters/sending.ts'
import { systemEndpoints } from './endpoints/system.ts'
import { accountEndpoints } from './endpoints/users/account.ts'
import { contactEndpoints } from './endpoints/users/contacts.ts'
import { peopleEndpoints } from './endpoints/users/people.ts'
import { webhookEndpoints } from './endpoints/webhooks/webhooks.ts'
import { envelopeSchemas, fail, headers, ok } from './envelope.ts'
import { webhookProfile } from './events/webhook.ts'

const admin = { security: 'admin', authenticate: asAdmin }
const customer = { security: 'customer', authenticate: asCustomer }
const device = { security: 'device', authenticate: asDevice }
const open = { security: 'none', authenticate: asAnyone }

/** The API of the multi-session server, in the chapters of its document. */
export const multisession: Dialect = {
  name: 'multisession',
  title: 'Parley: the multisession API',
  groups: [
    { tag: 'System', ...open, endpoints: systemEndpoints },
    { tag: 'Admin dashboard', ...admin, endpoints: dashboardEndpoints },
    { tag: 'Admin API keys', ...admin, endpoints: apiKeyEndpoints },
    { tag: 'Device creation', ...customer, endpoints: deviceCreationEndpoints },
    {
      tag: 'Device token',
      ...open,
      endpoints: deviceTokenEndpoints,
      rateLimit: { max: 10, windowMs: 60_000 },
    },
    { tag: 'Device', ...device, endpoints: [...deviceEndpoints, ...linkEndpoints, ...connectionEndpoints] },
    { tag: 'History', ...device, endpoints: historyEndpoints },
    {
      tag: 'Chats and messaging',
      ...device,
      endpoints: [...sendEndpoints, ...sendMediaEndpoints, ...chatEndpoints],
    },
    { tag: 'Message actions', ...device, endpoints: messageEndpoints },
    { tag: 'Polls', ...device, endpoints: pollEndpoints },
    { tag: 'Calls', ...device, endpoints: callEndpoints },
    { tag: 'Presence', ...device, endpoints: presenceEndpoints },
    { tag: 'App state', ...device, endpoints: appStateEndpoints },
    { tag: 'Status', ...device, endpoints: statusEndpoints },
    { tag: 'Users', ...device, endpoints: [...accountEndpoints, ...contactEndpoints, ...peopleEndpoints] },
    { tag: 'Business', ...device, endpoints: businessEndpoints },
    { tag: 'Bots', ...device, endpoints: botEndpoints },
    {
      tag: 'Groups',
      ...device,
      // A code of an invitation is no group, so its path comes first.
      endpoints: [...invitationEndpoints, ...groupEndpoints, ...memberEndpoints, ...communityEndpoints],
    },
    {
      tag: 'Newsletters',
      ...device,
      endpoints: [...newsletterEndpoints, ...postEndpoints, ...postingEndpoints],
    },
    { tag: 'Webhooks', ...device, endpoints: webhookEndpoints },
  ],
  securitySchemes,
  words: async () => (await import('./document.ts')).documentWords,
  admit,
  ok,
  fail,
  explain: withoutSession,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json',
  hasLenientPaths: true,
  answersUnknown: true,
  acceptsForms: true,
  hasWholeBodies: true,
  compression: ({ httpGzipLevel }) => httpGzipLevel,
  headerLimit: 8 * 1024,
  prefix: ({ httpBaseUrl }) => httpBaseUrl,
  bodyLimit: ({ httpBodyLimit }) => httpBodyLimit,
  hasSwaggerFiles: true,
  tracesRequests: 'uuid',
  cors: {
    origins: ({ httpCorsOrigin }) => httpCorsOrigin,
    headers: [
      'Origin',
      'Content-Type',
      'Accept',
      'Authorization',
      'X-API-Key',
      'X-Admin-Secret',
      'X-Request-ID',
    ],
  },
  headers,
  webhooks: webhookProfile,
}
