import { ApiError } from '../../lib/errors.ts'
import { randomBytes } from '../../lib/random.ts'
import { RowCache } from '../../store/database/row-cache.ts'
import {
  type Customer,
  type CustomerPatch,
  countDevices,
  deleteCustomer,
  findCustomerByKey,
  getCustomer,
  insertCustomer,
  listCustomers,
  updateCustomer,
} from '../../store/users/customers.ts'
import { hashSecret, maskKey } from '../../store/users/key-hashes.ts'
import { listDevices, type User } from '../../store/users/users.ts'
import { removeUser } from '../admin/removals.ts'
import type { Services } from '../services.ts'

/** A customer and the number of its devices. */
export interface CountedCustomer extends Customer {
  devices: number
}

/** A customer to be. */
export type NewCustomer = Pick<Customer, 'name' | 'email' | 'phone' | 'maxDevices' | 'ratePerHour'>

/** What every key begins with. */
const KEY_PREFIX = 'wam_'
const KEY_BYTES = 14

const byId = new RowCache<Customer>()
const byKey = new RowCache<Customer>()

/** Creates a customer; its key is shown here and never again. */
export async function createCustomer(
  services: Services,
  customer: NewCustomer,
): Promise<{ customer: Customer; key: string }> {
  const { db } = services
  const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('hex')
  const keyHash = await hashSecret(services, key)
  byKey.forget(db, keyHash)
  const stored = await insertCustomer(db, { ...customer, keyHash, maskedKey: maskKey(key), isActive: true })
  return { customer: stored, key }
}

/** Every customer, newest first. */
export async function allCustomers({ db }: Services): Promise<CountedCustomer[]> {
  const counts = await countDevices(db)
  return (await listCustomers(db)).map((customer) => ({ ...customer, devices: counts.get(customer.id) ?? 0 }))
}

/** A customer and its devices, newest first. Throws `not_found`. */
export async function customerWithDevices(
  services: Services,
  id: number,
): Promise<{ customer: Customer; devices: User[] }> {
  const customer = await existingCustomer(services, id)
  return { customer, devices: await listDevices(services.db, services.secrets, id) }
}

/** The customer with this id. Throws `not_found`. */
export async function existingCustomer({ db }: Services, id: number): Promise<Customer> {
  const customer = await getCustomer(db, id)
  if (!customer) throw customerNotFound()
  return customer
}

/** Changes a customer; one that is no longer active is refused at once, with its devices. Throws `not_found`. */
export async function changeCustomer(
  { db }: Services,
  { id, patch }: { id: number; patch: CustomerPatch },
): Promise<void> {
  const isChanged = await updateCustomer(db, id, patch)
  forgetCustomers(db, id)
  if (!isChanged) throw customerNotFound()
}

/**
 * Removes a customer and all its devices, each as `removeUser` does. Its key stops working at once; what interrupts the
 * rest can be made good by removing it again. Throws `not_found`.
 */
export async function removeCustomer(services: Services, id: number): Promise<void> {
  const { db, secrets } = services
  await changeCustomer(services, { id, patch: { isActive: false } })
  // Whoever switches it on again meanwhile may give it another device.
  while (!(await deleteCustomer(db, id))) {
    const devices = await listDevices(db, secrets, id)
    await Promise.all(devices.slice(0, REMOVED_AT_ONCE).map((device) => removeIfThere(services, device.id)))
  }
  forgetCustomers(db, id)
}

const REMOVED_AT_ONCE = 8

async function removeIfThere(services: Services, id: string): Promise<void> {
  await removeUser(services, id).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
  })
}

/** The customer with this key. */
export async function customerByKey(services: Services, key: string): Promise<Customer | undefined> {
  const { db } = services
  const keyHash = await hashSecret(services, key)
  return byKey.get(db, keyHash, () => findCustomerByKey(db, keyHash))
}

/** The customer of a device, from memory where possible. */
export function customerOf({ db }: Services, id: number): Promise<Customer | undefined> {
  return byId.get(db, String(id), () => getCustomer(db, id))
}

function forgetCustomers(db: Services['db'], id: number): void {
  byId.forget(db, String(id))
  // By their keys they are not known here.
  byKey.forget(db)
}

function customerNotFound(): ApiError {
  return new ApiError('not_found', { text: 'API key not found' })
}
