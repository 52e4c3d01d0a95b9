import type { Dialect } from '../../http/endpoint/dialect.ts'
import { envelopeSchemas, goJson, ok } from '../shared/go/envelope.ts'
import { contactListEndpoint } from '../shared/whatsmeow/contact-list.ts'
import { asAdmin, asAdminOfSession, asAnyone, asSession, securitySchemes } from './auth.ts'
import { accountEndpoints, broadcastEndpoints } from './endpoints/account.ts'
import { botEndpoints } from './endpoints/bot.ts'
import { businessEndpoints } from './endpoints/business.ts'
import { callEndpoints } from './endpoints/call.ts'
import { catalogEndpoints } from './endpoints/catalog.ts'
import { chatEndpoints } from './endpoints/chat.ts'
import { communityEndpoints } from './endpoints/community.ts'
import { contactEndpoints } from './endpoints/contact.ts'
import { downloadEndpoints } from './endpoints/download.ts'
import { groupEndpoints } from './endpoints/group.ts'
import { interactiveEndpoints } from './endpoints/interactive.ts'
import { labelEndpoints } from './endpoints/label.ts'
import { catalogLinkEndpoints, linkEndpoints } from './endpoints/links.ts'
import { messageEndpoints } from './endpoints/message.ts'
import { newsletterEndpoints } from './endpoints/newsletter.ts'
import { paymentEndpoints } from './endpoints/payments.ts'
import { sendEndpoints } from './endpoints/send.ts'
import { sendMediaEndpoints } from './endpoints/send-media.ts'
import { openEndpoints, serverEndpoints } from './endpoints/server.ts'
import { sessionEndpoints } from './endpoints/session.ts'
import { sessionAdminEndpoints, sessionDeletionEndpoints } from './endpoints/session-admin.ts'
import { statusEndpoints } from './endpoints/status.ts'
import { userEndpoints } from './endpoints/user.ts'
import { webhookEndpoints } from './endpoints/webhook.ts'
import { slot } from './events/names.ts'
import { webhookProfile } from './events/webhook.ts'
import { fail } from './failures.ts'

const token = { security: 'token', authenticate: asSession }
const admin = { security: 'admintoken', authenticate: asAdmin }

/** The API of WaGo, in the chapters and the order of its reference. */
export const wago: Dialect = {
  name: slot,
  title: 'Parley: the WaGo API',
  groups: [
    { tag: 'Sessions', ...token, endpoints: sessionEndpoints },
    { tag: 'Sessions (admin)', ...admin, endpoints: sessionAdminEndpoints },
    {
      tag: 'Sessions (admin)',
      security: 'admintoken',
      authenticate: asAdminOfSession,
      endpoints: sessionDeletionEndpoints,
    },
    { tag: 'Webhooks', ...token, endpoints: webhookEndpoints },
    {
      tag: 'Sending messages',
      ...token,
      endpoints: [
        ...sendEndpoints,
        ...sendMediaEndpoints,
        ...interactiveEndpoints,
        ...linkEndpoints,
        ...paymentEndpoints,
      ],
    },
    { tag: 'Bots', ...token, endpoints: botEndpoints },
    { tag: 'Users', ...token, endpoints: [...userEndpoints, contactListEndpoint, ...accountEndpoints] },
    { tag: 'Contacts and broadcasts', ...token, endpoints: [...contactEndpoints, ...broadcastEndpoints] },
    { tag: 'Messages', ...token, endpoints: [...messageEndpoints, ...downloadEndpoints] },
    { tag: 'Chats', ...token, endpoints: chatEndpoints },
    { tag: 'Groups', ...token, endpoints: groupEndpoints },
    { tag: 'Communities', ...token, endpoints: communityEndpoints },
    { tag: 'Labels', ...token, endpoints: labelEndpoints },
    { tag: 'Newsletters', ...token, endpoints: newsletterEndpoints },
    {
      tag: 'Business',
      ...token,
      endpoints: [...businessEndpoints, ...catalogEndpoints, ...catalogLinkEndpoints],
    },
    { tag: 'Calls', ...token, endpoints: callEndpoints },
    { tag: 'Status', ...token, endpoints: statusEndpoints },
    { tag: 'Server', security: 'none', authenticate: asAnyone, endpoints: openEndpoints },
    { tag: 'Server (admin)', ...admin, endpoints: serverEndpoints },
  ],
  securitySchemes,
  words: async () => (await import('./document.ts')).documentWords,
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: goJson,
  contentType: 'application/json',
  webhooks: webhookProfile,
}
