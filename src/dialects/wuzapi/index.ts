import type { Dialect } from '../../http/endpoint/dialect.ts'
import { envelopeSchemas, goJson, ok } from '../shared/go/envelope.ts'
import { contactListEndpoint } from '../shared/whatsmeow/contact-list.ts'
import { asAdmin, asAnyone, asUser, securitySchemes } from './auth.ts'
import { adminEndpoints } from './endpoints/admin.ts'
import { blocklistEndpoints } from './endpoints/blocklist.ts'
import { callEndpoints } from './endpoints/call.ts'
import { callStream } from './endpoints/call-stream.ts'
import { chatEndpoints } from './endpoints/chat.ts'
import { chatStateEndpoints } from './endpoints/chat-state.ts'
import { communityEndpoints } from './endpoints/community.ts'
import { downloadEndpoints } from './endpoints/download.ts'
import { groupEndpoints } from './endpoints/group.ts'
import { healthEndpoints } from './endpoints/health.ts'
import { historyEndpoints, historyRequestEndpoints } from './endpoints/history.ts'
import { interactiveEndpoints } from './endpoints/interactive.ts'
import { labelEndpoints } from './endpoints/label.ts'
import { messageChangeEndpoints } from './endpoints/message-changes.ts'
import { newsletterEndpoints } from './endpoints/newsletter.ts'
import { privacyEndpoints } from './endpoints/privacy.ts'
import { s3Endpoints } from './endpoints/s3.ts'
import { sendEndpoints } from './endpoints/send.ts'
import { sendMediaEndpoints } from './endpoints/send-media.ts'
import { sessionEndpoints } from './endpoints/session.ts'
import { settingsEndpoints } from './endpoints/settings.ts'
import { statusEndpoints } from './endpoints/status.ts'
import { userEndpoints } from './endpoints/user.ts'
import { userProfileEndpoints } from './endpoints/user-profile.ts'
import { webhookEndpoints } from './endpoints/webhook.ts'
import { fail } from './envelope.ts'
import { webhookProfile } from './events/webhook.ts'
import { lineProtocol } from './stdio/protocol.ts'

const token = { security: 'token', authenticate: asUser }

/** The API of wuzapi, in the chapters and the order of its reference. */
export const wuzapi: Dialect = {
  name: 'wuzapi',
  title: 'Parley: the wuzapi API',
  groups: [
    { tag: 'Admin', security: 'admin', authenticate: asAdmin, endpoints: adminEndpoints },
    { tag: 'Webhook', ...token, endpoints: webhookEndpoints },
    {
      tag: 'Session',
      ...token,
      endpoints: [...sessionEndpoints, ...settingsEndpoints, ...s3Endpoints, ...historyRequestEndpoints],
    },
    {
      tag: 'User',
      ...token,
      endpoints: [
        ...userEndpoints,
        ...userProfileEndpoints,
        contactListEndpoint,
        ...blocklistEndpoints,
        ...privacyEndpoints,
      ],
    },
    {
      tag: 'Chat',
      ...token,
      endpoints: [
        ...sendEndpoints,
        ...sendMediaEndpoints,
        ...interactiveEndpoints,
        ...chatEndpoints,
        ...downloadEndpoints,
        ...messageChangeEndpoints,
        ...chatStateEndpoints,
        ...historyEndpoints,
      ],
    },
    { tag: 'Group', ...token, endpoints: groupEndpoints },
    { tag: 'Community', ...token, endpoints: communityEndpoints },
    { tag: 'Newsletter', ...token, endpoints: newsletterEndpoints },
    { tag: 'Status', ...token, endpoints: statusEndpoints },
    { tag: 'Call', ...token, endpoints: callEndpoints },
    { tag: 'Label', ...token, endpoints: labelEndpoints },
    { tag: 'Health', security: 'none', authenticate: asAnyone, endpoints: healthEndpoints },
  ],
  securitySchemes,
  words: async () => (await import('./document.ts')).documentWords,
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: (services, user) => user?.profile || services.config.wuzapiProfile,
  stringify: goJson,
  contentType: 'application/json',
  webhooks: webhookProfile,
  streams: [callStream],
  lines: lineProtocol,
}
