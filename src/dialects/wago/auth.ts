import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { callerByToken } from '../../operations/keys/user-keys.ts'
import type { Services } from '../../operations/services.ts'
import type { Caller } from '../../store/users/caller.ts'

/** A session is a user: its token, or a key with less power, in the header `token`, else in the query as older builds had it. */
export const asSession: Authenticate = async (head, services) => ({
  kind: 'user',
  ...(await sessionOf(head, services)),
})

/** The admin token, in the header `admintoken`. */
export const asAdmin: Authenticate = async (head, services) => {
  requireAdmin(head, services)
  return { kind: 'admin' }
}

/** The administrator, acting for the session that the header `token` names. */
export const asAdminOfSession: Authenticate = async (head, services) => {
  requireAdmin(head, services)
  const { user } = await sessionOf(head, services)
  return { kind: 'user', user, power: 'full' }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

async function sessionOf(head: RequestHead, services: Services): Promise<Caller> {
  const [inQuery = ''] = [head.query.token ?? ''].flat()
  const caller = await callerByToken(services, head.header('token') || inQuery)
  if (!caller) throw new ApiError('unauthorized', { text: 'invalid token' })
  return caller
}

function requireAdmin(head: RequestHead, services: Services): void {
  if (!isAdminToken(services, head.header('admintoken') ?? ''))
    throw new ApiError('unauthorized', { text: 'invalid admin token' })
}

/** How to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  token: { type: 'apiKey', in: 'header', name: 'token', 'x-query-parameter': 'token', 'x-takes-keys': true },
  admintoken: { type: 'apiKey', in: 'header', name: 'admintoken' },
}
