import type { Dialect } from '../../http/endpoint/dialect.ts'
import { asAdmin, asAnyone, asCustomer, asDevice, securitySchemes } from './auth.ts'
import { apiKeyEndpoints } from './endpoints/api-keys.ts'
import { deviceCreationEndpoints, deviceEndpoints, deviceTokenEndpoints } from './endpoints/devices.ts'
import { appStateEndpoints } from './endpoints/messaging/app-state.ts'
import { callEndpoints } from './endpoints/messaging/calls.ts'
import { chatEndpoints } from './endpoints/messaging/chats.ts'
import { messageEndpoints } from './endpoints/messaging/message-actions.ts'
import { pollEndpoints } from './endpoints/messaging/polls.ts'
import { presenceEndpoints } from './endpoints/messaging/presence.ts'
import { sendEndpoints } from './endpoints/messaging/send.ts'
import { sendMediaEndpoints } from './endpoints/messaging/send-media.ts'
import { statusEndpoints } from './endpoints/messaging/statuses.ts'
import { envelopeSchemas, fail, headers, ok } from './envelope.ts'

const admin = { security: 'admin', authenticate: asAdmin }
const customer = { security: 'customer', authenticate: asCustomer }
const device = { security: 'device', authenticate: asDevice }
const open = { security: 'none', authenticate: asAnyone }

/** The API of the multi-session server, in the chapters of its document. */
export const multisession: Dialect = {
  name: 'multisession',
  title: 'Parley: the multisession API',
  groups: [
    { tag: 'Admin API keys', ...admin, endpoints: apiKeyEndpoints },
    { tag: 'Device creation', ...customer, endpoints: deviceCreationEndpoints },
    { tag: 'Device token', ...open, endpoints: deviceTokenEndpoints },
    { tag: 'Device', ...device, endpoints: deviceEndpoints },
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
  ],
  securitySchemes,
  ok,
  fail,
  envelope: envelopeSchemas,
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json',
  hasLenientPaths: true,
  answersUnknown: true,
  acceptsForms: true,
  compresses: true,
  tracesRequests: true,
  cors: true,
  headers,
}
