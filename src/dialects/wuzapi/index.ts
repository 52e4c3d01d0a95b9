import type { EventDialect } from '../../http/dialect.ts'
import { adminEndpoints } from './admin.ts'
import { asAdmin, asAnyone, asUser, securitySchemes } from './auth.ts'
import { blocklistEndpoints } from './blocklist.ts'
import { callEndpoints } from './call.ts'
import { chatEndpoints } from './chat.ts'
import { chatStateEndpoints } from './chat-state.ts'
import { communityEndpoints } from './community.ts'
import { contactListEndpoints } from './contact-list.ts'
import { encodeDelivery } from './delivery.ts'
import { downloadEndpoints } from './download.ts'
import { envelopeSchemas, fail, goJson, ok } from './envelope.ts'
import { encodeErrorReport } from './error-report.ts'
import { wuzapiEventNames } from './event-names.ts'
import { eventRenderers } from './events.ts'
import { groupEndpoints } from './group.ts'
import { healthEndpoints } from './health.ts'
import { historyEndpoints, historyRequestEndpoints } from './history.ts'
import { interactiveEndpoints } from './interactive.ts'
import { labelEndpoints } from './label.ts'
import { messageChangeEndpoints } from './message-changes.ts'
import { newsletterEndpoints } from './newsletter.ts'
import { privacyEndpoints } from './privacy.ts'
import { s3Endpoints } from './s3.ts'
import { sendEndpoints } from './send.ts'
import { sendMediaEndpoints } from './send-media.ts'
import { sessionEndpoints } from './session.ts'
import { settingsEndpoints } from './settings.ts'
import { statusEndpoints } from './status.ts'
import { userEndpoints } from './user.ts'
import { userProfileEndpoints } from './user-profile.ts'
import { webhookEndpoints } from './webhook.ts'

const token = { security: 'token', authenticate: asUser }

/** The API of wuzapi, in the chapters and the order of its reference. */
export const wuzapi: EventDialect = {
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
        ...contactListEndpoints,
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
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: (services, user) => user?.profile || services.config.wuzapiProfile,
  stringify: goJson,
  contentType: 'application/json',
  events: eventRenderers,
  eventNames: wuzapiEventNames,
  encode: encodeDelivery,
  encodeErrorReport,
}
