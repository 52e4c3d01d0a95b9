import type { Dialect } from '../../http/dialect.ts'
import { asSession, securitySchemes } from './auth.ts'
import { businessEndpoints } from './business.ts'
import { callEndpoints } from './call.ts'
import { channelEndpoints } from './channel.ts'
import { chatEndpoints } from './chat.ts'
import { clientEndpoints } from './client.ts'
import { communityEndpoints } from './community.ts'
import { contactEndpoints } from './contact.ts'
import { envelopeSchemas, fail, ok } from './envelope.ts'
import { groupEndpoints } from './group.ts'
import { messageEndpoints } from './message.ts'
import { privacyEndpoints } from './privacy.ts'
import { receiver } from './receiver.ts'
import { sessionGroups } from './session.ts'
import { statusEndpoints } from './status.ts'
import { eventStream } from './websocket.ts'

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
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json; charset=utf-8',
  receiver,
  streams: [eventStream],
  cors: true,
  tracesRequests: true,
  rateLimit: ({ rateLimitMax, rateLimitWindowMs }) => ({ max: rateLimitMax, windowMs: rateLimitWindowMs }),
}
