import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database } from '../store/database/database.ts'
import { findCustomerByKey, insertCustomer } from '../store/users/customers.ts'
import { hashSecret, maskKey } from '../store/users/key-hashes.ts'
import type { User } from '../store/users/users.ts'
import type { SourceAccount, SourceCustomer } from './account.ts'
import type { Note } from './device.ts'

interface Target {
  db: Database
  secrets: Secrets
}

/** Takes over the customers whose keys are not here yet, and yields how many those were. */
export async function importCustomers(target: Target, customers: SourceCustomer[]): Promise<number> {
  let taken = 0
  for (const { key, ...customer } of customers) {
    const keyHash = await hashSecret(target, key)
    if (await findCustomerByKey(target.db, keyHash)) continue
    await insertCustomer(target.db, { ...customer, keyHash, maskedKey: maskKey(key) })
    taken += 1
  }
  return taken
}

/** What makes a user a device of its customer, who must have come before; nothing for a user that has none. */
export async function deviceOfCustomer(
  target: Target,
  { customer, user }: SourceAccount,
  note: Note,
): Promise<Partial<User>> {
  if (!customer) return {}
  const found = await findCustomerByKey(target.db, await hashSecret(target, customer.key))
  if (found)
    return { customerId: found.id, deviceSecretHash: await hashSecret(target, customer.deviceSecret) }
  note({ what: 'customer', whose: user.name, why: 'there is none with its key' })
  return {}
}
