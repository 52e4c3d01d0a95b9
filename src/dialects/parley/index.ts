import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { loginByToken, lookAs } from '../../operations/keys/logins.ts'
import { callerByToken } from '../../operations/keys/user-keys.ts'
import { bulkEndpoints } from './bulk.ts'
import { callEndpoints } from './calls.ts'
import { chatEndpoints } from './chats.ts'
import { deliveryEndpoints } from './deliveries.ts'
import { healthEndpoints, ownHealthEndpoints } from './health.ts'
import { importEndpoints } from './imports.ts'
import { ownKeyEndpoints, userKeyEndpoints } from './keys.ts'
import { liveFeed } from './live.ts'
import { liveEventFeeds } from './live-events.ts'
import { loginEndpoints, seenUserEndpoints } from './logins.ts'
import { messageEndpoints, ownMessageEndpoints } from './messages.ts'
import { nodeEndpoints } from './nodes.ts'
import { ownDeliveryEndpoints } from './own-deliveries.ts'
import { ownWebhookEndpoints } from './own-webhooks.ts'
import { peopleEndpoints } from './people.ts'
import { plainAnswers } from './plain-answers.ts'
import { ownRedriveEndpoints, redriveEndpoints } from './redrives.ts'
import { targetEndpoints } from './targets.ts'

/** At whom a login looks. */
const USER_HEADER = 'Parley-User'

const asAdmin: Authenticate = async (head, services) => {
  if (!isAdminToken(services, authorization(head))) throw new ApiError('unauthorized')
  return { kind: 'admin' }
}

const asUser: Authenticate = async (head, services) => {
  const token = head.header('token') || authorization(head)
  const caller = await callerByToken(services, token)
  if (caller) return { kind: 'user', ...caller }
  const login = await loginByToken(services, token)
  if (!login) throw new ApiError('unauthorized')
  return { kind: 'user', ...(await lookAs(services, login, head.header(USER_HEADER) ?? '')) }
}

/** The administrator, or a login that may look. */
const asViewer: Authenticate = async (head, services) => {
  const login = await loginByToken(services, authorization(head) || (head.header('token') ?? ''))
  return login ? { kind: 'login', login } : asAdmin(head, services)
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
    { tag: 'Redrives', security: 'admin', authenticate: asAdmin, endpoints: redriveEndpoints },
    { tag: 'Targets', security: 'admin', authenticate: asAdmin, endpoints: targetEndpoints },
    { tag: 'Health', security: 'admin', authenticate: asAdmin, endpoints: healthEndpoints },
    { tag: 'Nodes', security: 'admin', authenticate: asAdmin, endpoints: nodeEndpoints },
    { tag: 'Imports', security: 'admin', authenticate: asAdmin, endpoints: importEndpoints },
    { tag: 'Own deliveries', security: 'token', authenticate: asUser, endpoints: ownDeliveryEndpoints },
    { tag: 'Own redrives', security: 'token', authenticate: asUser, endpoints: ownRedriveEndpoints },
    { tag: 'Own webhooks', security: 'token', authenticate: asUser, endpoints: ownWebhookEndpoints },
    { tag: 'Own health', security: 'token', authenticate: asUser, endpoints: ownHealthEndpoints },
    { tag: 'Own keys', security: 'token', authenticate: asUser, endpoints: ownKeyEndpoints },
    { tag: 'Logins', security: 'admin', authenticate: asAdmin, endpoints: loginEndpoints },
    { tag: 'Users', security: 'admin', authenticate: asViewer, endpoints: seenUserEndpoints },
    { tag: 'Keys of users', security: 'admin', authenticate: asAdmin, endpoints: userKeyEndpoints },
    { tag: 'Bulk sending', security: 'token', authenticate: asUser, endpoints: bulkEndpoints },
    { tag: 'Chats', security: 'token', authenticate: asUser, endpoints: chatEndpoints },
    { tag: 'People', security: 'token', authenticate: asUser, endpoints: peopleEndpoints },
    { tag: 'Calls', security: 'token', authenticate: asUser, endpoints: callEndpoints },
    { tag: 'Messages', security: 'admin', authenticate: asAdmin, endpoints: messageEndpoints },
    { tag: 'Own messages', security: 'token', authenticate: asUser, endpoints: ownMessageEndpoints },
  ],
  streams: [liveFeed(asUser), ...liveEventFeeds({ asUser, asAdmin })],
  securitySchemes: {
    admin: { type: 'apiKey', in: 'header', name: 'Authorization' },
    token: { type: 'apiKey', in: 'header', name: 'Token', 'x-takes-keys': true },
    user: { type: 'apiKey', in: 'header', name: USER_HEADER },
  },
  words: async () => (await import('./document.ts')).documentWords,
  ...plainAnswers,
}
