import type { Authenticate, Dialect, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { customerByKey } from '../../operations/customers/customers.ts'
import { deviceOfToken } from '../../operations/customers/tokens.ts'

/** The administrator: the admin token in the header `X-Admin-Secret`. */
export const asAdmin: Authenticate = async (head, services) => {
  const secret = requireHeader(head, 'X-Admin-Secret')
  if (!isAdminToken(services, secret)) throw refused('Invalid admin secret')
  return { kind: 'admin' }
}

/** A customer: its key in the header `X-API-Key`. */
export const asCustomer: Authenticate = async (head, services) => {
  const customer = await customerByKey(services, requireHeader(head, 'X-API-Key'))
  if (!customer) throw refused('Invalid API key')
  if (!customer.isActive) throw refused('API key is inactive')
  return { kind: 'customer', customer }
}

/** A device: `Authorization: Bearer <token>`, the scheme in any case. */
export const asDevice: Authenticate = async (head, services) => {
  const [, token] = /^bearer (.+)$/i.exec(requireHeader(head, 'Authorization')) ?? []
  if (token === undefined) throw refused('Invalid Authorization header format. Use: Bearer <token>')
  return { kind: 'user', user: await deviceOfToken(services, token) }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

function requireHeader(head: RequestHead, name: string): string {
  const value = head.header(name)
  if (!value) throw refused(`Missing ${name} header`)
  return value
}

function refused(text: string): ApiError {
  return new ApiError('unauthorized', { text })
}

/** How to authenticate, for the documentation. */
export const securitySchemes: Dialect['securitySchemes'] = {
  admin: { type: 'apiKey', in: 'header', name: 'X-Admin-Secret' },
  customer: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  device: { type: 'apiKey', in: 'header', name: 'Authorization' },
}
