import type { Authenticate, Dialect, Principal, RequestHead } from '../../http/endpoint/dialect.ts'
import { ApiError } from '../../lib/errors.ts'
import { isAdminToken } from '../../operations/admin/admin.ts'
import { customerByKey, customerOf } from '../../operations/customers/customers.ts'
import { countRequest } from '../../operations/customers/hourly-limit.ts'
import { deviceOfToken } from '../../operations/customers/tokens.ts'
import type { Services } from '../../operations/services.ts'
import type { Customer } from '../../store/users/customers.ts'

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
  return { kind: 'user', user: await deviceOfToken(services, token), power: 'full' }
}

/** Everybody. */
export const asAnyone: Authenticate = async () => ({ kind: 'anyone' })

/** Holds a customer, with all its devices, to the requests per hour that its key says. Throws `rate_limited`. */
export async function admit(principal: Principal, services: Services): Promise<void> {
  if (!services.config.customersLimited) return
  const customer = await customerOfCaller(principal, services)
  if (customer) await countRequest(services, customer)
}

async function customerOfCaller(principal: Principal, services: Services): Promise<Customer | undefined> {
  if (principal.kind === 'customer') return principal.customer
  const id = principal.kind === 'user' ? principal.user.customerId : null
  return id === null ? undefined : customerOf(services, id)
}

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
