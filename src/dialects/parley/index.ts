import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken, userByToken } from '../../operations/admin/admin.ts'
import { callEndpoints } from './calls.ts'
import { deliveryEndpoints } from './deliveries.ts'
import { importEndpoints } from './imports.ts'
import { messageEndpoints, ownMessageEndpoints } from './messages.ts'
import { nodeEndpoints } from './nodes.ts'
import { ownDeliveryEndpoints } from './own-deliveries.ts'
import { ownWebhookEndpoints } from './own-webhooks.ts'
import { plainAnswers } from './plain-answers.ts'
import { targetEndpoints } from './targets.ts'

const asAdmin: Authenticate = async (head, services) => {
  if (!isAdminToken(services, authorization(head))) throw new ApiError('unauthorized')
  return { kind: 'admin' }
}

const asUser: Authenticate = async (head, services) => {
  const user = await userByToken(services, head.header('token') || authorization(head))
  if (!user) throw new ApiError('unauthorized')
  return { kind: 'user', user }
}

function authorization(head: RequestHead): string {
  return (head.header('authorization') ?? '').replace(/^Bearer /i, '')
}

/** What there is besides the API of wuzapi, for operators, the dashboard and scripts. */
export const parley: Dialect = {
  name: 'parley',
  title: 'Parley: for operators',
  groups: [
    { tag: 'Deliveries', security: 'admin', authenticate: asAdmin, endpoints: deliveryEndpoints },
    { tag: 'Targets', security: 'admin', authenticate: asAdmin, endpoints: targetEndpoints },
    { tag: 'Nodes', security: 'admin', authenticate: asAdmin, endpoints: nodeEndpoints },
    { tag: 'Imports', security: 'admin', authenticate: asAdmin, endpoints: importEndpoints },
    { tag: 'Own deliveries', security: 'token', authenticate: asUser, endpoints: ownDeliveryEndpoints },
    { tag: 'Own webhooks', security: 'token', authenticate: asUser, endpoints: ownWebhookEndpoints },
    { tag: 'Calls', security: 'token', authenticate: asUser, endpoints: callEndpoints },
    { tag: 'Messages', security: 'admin', authenticate: asAdmin, endpoints: messageEndpoints },
    { tag: 'Own messages', security: 'token', authenticate: asUser, endpoints: ownMessageEndpoints },
  ],
  securitySchemes: {
    admin: { type: 'apiKey', in: 'header', name: 'Authorization' },
    token: { type: 'apiKey', in: 'header', name: 'Token' },
  },
  ...plainAnswers,
}
