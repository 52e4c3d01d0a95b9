import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken, userByToken } from '../../operations/admin/admin.ts'
import type { Services } from '../../operations/services.ts'
import type { User } from '../../store/users/users.ts'

/** A session is a user: its token in the header `token`, else in the query as older builds had it. */
export const asSession: Authenticate = async (head, services) => ({
  kind: 'user',
  user: await sessionOf(head, services),
})

/** The admin token, in the header `admintoken`. */
export const asAdmin: Authenticate = async (head, services) => {
  requireAdmin(head, services)
  return { kind: 'admin' }
}

/** The administrator, acting for the session that the header `token` names. */
export const asAdminOfSession: Authenticate = async (head, services) => {
  requireAdmin(head, services)
  return { kind: 'user', user: await sessionOf(head, services) }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

async function sessionOf(head: RequestHead, services: Services): Promise<User> {
  const [inQuery = ''] = [head.query.token ?? ''].flat()
  const user = await userByToken(services, head.header('token') || inQuery)
  if (!user) throw new ApiError('unauthorized', { text: 'invalid token' })
  return user
}

function requireAdmin(head: RequestHead, services: Services): void {
  if (!isAdminToken(services, head.header('admintoken') ?? ''))
    throw new ApiError('unauthorized', { text: 'invalid admin token' })
}

/** How to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  token: { type: 'apiKey', in: 'header', name: 'token', 'x-query-parameter': 'token' },
  admintoken: { type: 'apiKey', in: 'header', name: 'admintoken' },
}
