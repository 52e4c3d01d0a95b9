import type { Dialect } from '../../http/endpoint/dialect.ts'
import { asAdmin, asAnyone, asCustomer, asDevice, securitySchemes } from './auth.ts'
import { apiKeyEndpoints } from './endpoints/api-keys.ts'
import { botEndpoints } from './endpoints/bots.ts'
import { businessEndpoints } from './endpoints/business.ts'
import { deviceCreationEndpoints, deviceEndpoints, deviceTokenEndpoints } from './endpoints/devices.ts'
import { communityEndpoints } from './endpoints/groups/communities.ts'
import { groupEndpoints } from './endpoints/groups/groups.ts'
import { invitationEndpoints } from './endpoints/groups/invitations.ts'
import { memberEndpoints } from './endpoints/groups/members.ts'
import { newsletterEndpoints } from './endpoints/newsletters/newsletters.ts'
import { postEndpoints } from './endpoints/newsletters/posts.ts'
import { postingEndpoints } from './endpoints/newsletters/sending.ts'
import { accountEndpoints } from './endpoints/users/account.ts'
import { contactEndpoints } from './endpoints/users/contacts.ts'
import { peopleEndpoints } from './endpoints/users/people.ts'
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
