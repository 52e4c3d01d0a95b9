import { isPostgres, type Queryable } from '../database/database.ts'

/** Somebody who may create users of its own, its devices, with a key. */
export interface Customer {
  id: number
  name: string
  email: string
  phone: string
  /** Enough of the key to recognise it: its beginning and its end. */
  maskedKey: string
  maxDevices: number
  /** Requests of the customer and of its devices together, in an hour. */
  ratePerHour: number
  isActive: boolean
  /** Unix milliseconds. */
  createdAt: number
  updatedAt: number
}

/** The parts that can change. */
export type CustomerPatch = Partial<
  Pick<Customer, 'name' | 'email' | 'phone' | 'maxDevices' | 'ratePerHour' | 'isActive'>
>

interface CustomerRow {
  id: number
  name: string
  email: string
  phone: string
  key_hash: string
  masked_key: string
  max_devices: number
  rate_per_hour: number
  is_active: boolean | 0 | 1
  created_at: number
  updated_at: number
}

/** Stores a new customer, whose key is known by its keyed hash alone. */
export async function insertCustomer(
  db: Queryable,
  customer: Omit<Customer, 'id' | 'createdAt' | 'updatedAt'> & { keyHash: string },
  now = Date.now(),
): Promise<Customer> {
  const { keyHash, ...facts } = customer
  const row = {
    ...toRow(facts),
    key_hash: keyHash,
    masked_key: facts.maskedKey,
    created_at: now,
    updated_at: now,
  }
  const [stored]: CustomerRow[] = await db('customers').insert(row).returning('*')
  if (!stored) throw new Error('the database returned no customer')
  return ofRow(stored)
}

/** The customer with this id. */
export async function getCustomer(db: Queryable, id: number): Promise<Customer | undefined> {
  const row = await db<CustomerRow>('customers').where({ id }).first()
  return row && ofRow(row)
}

/** The customer whose key has this hash. */
export async function findCustomerByKey(db: Queryable, keyHash: string): Promise<Customer | undefined> {
  const row = await db<CustomerRow>('customers').where({ key_hash: keyHash }).first()
  return row && ofRow(row)
}

/** Every customer, newest first. */
export async function listCustomers(db: Queryable): Promise<Customer[]> {
  const rows = await db<CustomerRow>('customers').orderBy('id', 'desc')
  return rows.map(ofRow)
}

/** Changes a customer; tells whether there is one. */
export async function updateCustomer(
  db: Queryable,
  id: number,
  patch: CustomerPatch,
  now = Date.now(),
): Promise<boolean> {
  const changed = await db('customers')
    .where({ id })
    .update({ ...toRow(patch), updated_at: now })
  return changed > 0
}

/**
 * Removes a customer, if it is still there; false while it has devices. Those that are being deleted, which may take a
 * while, are nobody's then.
 */
export async function deleteCustomer(db: Queryable, id: number): Promise<boolean> {
  return db.transaction(async (trx) => {
    const locked = await lockCustomer(trx, id)
    if (locked && locked.devices > 0) return false
    await trx('users').where({ customer_id: id }).update({ customer_id: null })
    await trx('customers').where({ id }).delete()
    return true
  })
}

/** How many devices each customer has, by customer id. */
export async function countDevices(db: Queryable): Promise<Map<number, number>> {
  const rows: { customer_id: number; devices: number | string }[] = await db('users')
    .whereNotNull('customer_id')
    .whereNull('removed_at')
    .groupBy('customer_id')
    .select('customer_id')
    .count({ devices: '*' })
  return new Map(rows.map((row) => [row.customer_id, Number(row.devices)]))
}

/**
 * The customer and the number of its devices, so that within this transaction nobody else counts them: of several that
 * create a device at the same moment, each sees those before it.
 */
export async function lockCustomer(
  trx: Queryable,
  id: number,
): Promise<{ customer: Customer; devices: number } | undefined> {
  const query = trx<CustomerRow>('customers').where({ id })
  // SQLite has one connection that writes: transactions wait for each other anyway.
  const row = await (isPostgres(trx) ? query.forUpdate() : query).first()
  if (!row) return undefined
  const count = await trx('users')
    .where({ customer_id: id })
    .whereNull('removed_at')
    .count({ devices: '*' })
    .first()
  return { customer: ofRow(row), devices: Number(count?.devices ?? 0) }
}

function ofRow(row: CustomerRow): Customer {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    phone: row.phone,
    maskedKey: row.masked_key,
    maxDevices: row.max_devices,
    ratePerHour: row.rate_per_hour,
    isActive: Boolean(row.is_active),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(patch: CustomerPatch): Partial<CustomerRow> {
  const columns: Partial<CustomerRow> = {
    name: patch.name,
    email: patch.email,
    phone: patch.phone,
    max_devices: patch.maxDevices,
    rate_per_hour: patch.ratePerHour,
    is_active: patch.isActive,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}
