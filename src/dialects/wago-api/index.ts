import type { Dialect } from '../../http/endpoint/dialect.ts'
import { asSession, securitySchemes } from './auth.ts'
import { businessEndpoints } from './endpoints/business.ts'
import { callEndpoints } from './endpoints/call.ts'
import { channelEndpoints } from './endpoints/channel.ts'
import { chatEndpoints } from './endpoints/chat.ts'
import { clientEndpoints } from './endpoints/client.ts'
import { communityEndpoints } from './endpoints/community.ts'
import { contactEndpoints } from './endpoints/contact.ts'
import { groupEndpoints } from './endpoints/group.ts'
import { messageEndpoints } from './endpoints/message.ts'
import { privacyEndpoints } from './endpoints/privacy.ts'
import { sessionGroups } from './endpoints/session.ts'
import { statusEndpoints } from './endpoints/status.ts'
import { eventStream } from './endpoints/websocket.ts'
import { envelopeSchemas, fail, ok } from './envelope.ts'
import { webhookProfile } from './events/webhook.ts'

const session = { security: 'key', authenticate: asSession }

/** The API of wago-api, in the chapters and the order of its document; a session is a user of ours. */
export const wagoApi: Dialect = {
  name: 'wago-api',
  title: 'Parley: the wago-api API',
  groups: [
    ...sessionGroups,
    { tag: 'Message', ...session, endpoints: messageEndpoints },
    { tag: 'Client', ...session, endpoints: clientEndpoints },
    { tag: 'Chat', ...session, endpoints: chatEndpoints },
    { tag: 'Contact', ...session, endpoints: contactEndpoints },
    { tag: 'Group', ...session, endpoints: groupEndpoints },
    { tag: 'Channel', ...session, endpoints: channelEndpoints },
    { tag: 'Community', ...session, endpoints: communityEndpoints },
    { tag: 'Privacy', ...session, endpoints: privacyEndpoints },
    { tag: 'Business & Bot', ...session, endpoints: businessEndpoints },
    { tag: 'Call', ...session, endpoints: callEndpoints },
    { tag: 'Status', ...session, endpoints: statusEndpoints },
  ],
  securitySchemes,
  words: async () => (await import('./document.ts')).documentWords,
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json; charset=utf-8',
  webhooks: webhookProfile,
  streams: [eventStream],
  cors: true,
  tracesRequests: true,
  rateLimit: ({ rateLimitMax, rateLimitWindowMs }) => ({ max: rateLimitMax, windowMs: rateLimitWindowMs }),
}
