import type { Dialect } from '../../http/endpoint/dialect.ts'
import { asAdmin, asAnyone, asCustomer, asDevice, securitySchemes } from './auth.ts'
import { apiKeyEndpoints } from './endpoints/api-keys.ts'
import { deviceCreationEndpoints, deviceEndpoints, deviceTokenEndpoints } from './endpoints/devices.ts'
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
    { tag: 'Admin API keys', ...admin, endpoints: apiKeyEndpoints },
    { tag: 'Device creation', ...customer, endpoints: deviceCreationEndpoints },
    { tag: 'Device token', ...open, endpoints: deviceTokenEndpoints },
    { tag: 'Device', ...device, endpoints: deviceEndpoints },
    { tag: 'Webhooks', ...device, endpoints: webhookEndpoints },
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
  webhooks: webhookProfile,
}
