import type { Authenticate, Dialect } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { callerByToken } from '../../operations/keys/user-keys.ts'

/** The key of the original is a user's token, or one with less power, here: header `X-API-Key`, else query `api_key`. */
export const asUser: Authenticate = async (head, services) => {
  const [inQuery = ''] = [head.query.api_key ?? ''].flat()
  const caller = await callerByToken(services, head.header('x-api-key') || inQuery)
  if (!caller) throw new ApiError('unauthorized')
  return { kind: 'user', ...caller }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

/** How to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  key: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    'x-query-parameter': 'api_key',
    'x-takes-keys': true,
  },
}
