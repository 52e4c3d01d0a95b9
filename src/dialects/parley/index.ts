import type { Dialect } from '../../http/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin.ts'
import { deliveryEndpoints } from './deliveries.ts'

/** What operators need besides the API of wuzapi, for the dashboard and for scripts. */
export const parley: Dialect = {
  name: 'parley',
  title: 'Parley: for operators',
  groups: [
    {
      tag: 'Deliveries',
      security: 'admin',
      authenticate: async (head, services) => {
        const token = (head.header('authorization') ?? '').replace(/^Bearer /i, '')
        if (!isAdminToken(services, token)) throw new ApiError('unauthorized')
        return { kind: 'admin' }
      },
      endpoints: deliveryEndpoints,
    },
  ],
  securitySchemes: { admin: { type: 'apiKey', in: 'header', name: 'Authorization' } },
  ok: (data) => data,
  fail: (error) => ({ status: error.status, body: { error: error.message } }),
  envelope: {
    ok: (data) => data,
    fail: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
  },
  profile: () => '',
  stringify: JSON.stringify,
  contentType: 'application/json',
}
