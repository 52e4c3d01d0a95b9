import type { Authenticate, Dialect } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { callerByToken } from '../../operations/keys/user-keys.ts'

/** A user's token, or a key with less power: header `Token`, else query `token`, whose repetitions the original joins. */
export const asUser: Authenticate = async (head, services) => {
  const token = head.header('token') || [head.query.token ?? []].flat().join('')
  const caller = await callerByToken(services, token)
  if (!caller) throw new ApiError('unauthorized')
  return { kind: 'user', ...caller }
}

/** The admin token, alone in the header `Authorization`. */
export const asAdmin: Authenticate = async (head, services) => {
  if (!isAdminToken(services, head.header('authorization') ?? '')) throw new ApiError('unauthorized')
  return { kind: 'admin' }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

/** The two ways to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  token: { type: 'apiKey', in: 'header', name: 'Token', 'x-query-parameter': 'token', 'x-takes-keys': true },
  admin: { type: 'apiKey', in: 'header', name: 'Authorization' },
}
