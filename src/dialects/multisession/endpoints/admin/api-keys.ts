import { z } from 'zod'
import { del, type Endpoint, get, patch, post } from '../../../../http/endpoint/endpoint.ts'
import { integer, text } from '../../../../http/endpoint/fields.ts'
import { deviceIdOf } from '../../../../lib/device-id.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  allCustomers,
  type CountedCustomer,
  changeCustomer,
  createCustomer,
  customerWithDevices,
  existingCustomer,
  removeCustomer,
} from '../../../../operations/customers/customers.ts'
import { type DeviceState, deviceStates } from '../../../../operations/customers/device-state.ts'
import type { Services } from '../../../../operations/services.ts'
import { answer, done } from '../../envelope.ts'
import {
  deviceFields,
  deviceShape,
  deviceStatusFields,
  deviceStatusShape,
  orNull,
} from '../../shapes/device-shape.ts'
import { instant, required } from '../../shapes/fields.ts'

type Customer = Omit<CountedCustomer, 'devices'>

const undecodable = 'Invalid request body'

function positive(name: string) {
  return z
    .int(`${name} is required and must be greater than 0`)
    .min(1, `${name} is required and must be greater than 0`)
    .max(2_147_483_647, `${name} is too large`)
}

const LARGEST_ID = 2n ** 63n - 1n
/** Ids are counted from 1 and far from their largest: others belong to nobody. */
const id = z
  .string()
  .refine(
    (given) => /^-?\d{1,20}$/.test(given) && BigInt(given) <= LARGEST_ID && BigInt(given) >= -LARGEST_ID,
    'Invalid API key ID',
  )
  .transform((given) => (Math.abs(Number(given)) <= 2_147_483_647 ? Number(given) : -1))
const params = z.object({ id })

const contact = { customer_name: z.string(), customer_email: z.string(), customer_phone: z.string() }
const numbers = { max_devices: z.int(), rate_limit_per_hour: z.int() }

function facts({ name, email, phone, maxDevices, ratePerHour }: Customer) {
  return {
    customer_name: name,
    customer_email: email,
    customer_phone: phone,
    max_devices: maxDevices,
    rate_limit_per_hour: ratePerHour,
  }
}

const listed = z.object({
  id: z.int(),
  api_key_masked: z.string(),
  ...contact,
  ...numbers,
  is_active: z.boolean(),
  device_count: z.int(),
})

/** A device inside a key; what it does not have yet is left out. */
const inside = z.object({
  device_id: z.string(),
  device_name: z.string().optional(),
  api_key_id: z.int(),
  whatsmeow_jid: z.string().optional(),
  status: z.string(),
  created_at: z.string().nullable(),
  last_active_at: z.string().nullable().optional(),
})

interface Detailed {
  customer: Customer
  devices: DeviceState[]
}

async function detailed(services: Services, customerId: number): Promise<Detailed> {
  const { customer, devices } = await customerWithDevices(services, customerId)
  return { customer, devices: await deviceStates(services, devices) }
}

async function devicesOf(services: Services, customerId: number): Promise<DeviceState[]> {
  return (await detailed(services, customerId)).devices
}

function insideFields({ user, jid, stage }: DeviceState): z.infer<typeof inside> {
  return {
    device_id: deviceIdOf(user.id),
    ...(user.name !== '' && { device_name: user.name }),
    api_key_id: user.customerId ?? 0,
    ...(jid !== '' && { whatsmeow_jid: jid }),
    status: stage,
    created_at: instant(user.createdAt),
    ...(user.lastActiveAt !== null && { last_active_at: instant(user.lastActiveAt) }),
  }
}

const change = z.object({
  customer_name: text(limits.name),
  customer_email: text(limits.name),
  customer_phone: text(limits.name),
  max_devices: integer(),
  rate_limit_per_hour: integer(),
  is_active: z.boolean().optional(),
})

/** Blank texts, which no customer is created with, and numbers that are not positive keep what is stored. */
function changeOf(body: z.infer<typeof change>) {
  return {
    ...(body.customer_name.trim() && { name: body.customer_name }),
    ...(body.customer_email.trim() && { email: body.customer_email }),
    ...(body.customer_phone.trim() && { phone: body.customer_phone }),
    ...(body.max_devices > 0 && { maxDevices: body.max_devices }),
    ...(body.rate_limit_per_hour > 0 && { ratePerHour: body.rate_limit_per_hour }),
    ...(body.is_active !== undefined && { isActive: body.is_active }),
  }
}

export const apiKeyEndpoints: Endpoint[] = [
  post('/admin/api-keys', {
    summary: 'Create a customer; its key is shown here and never again',
    needs: 'none',
    undecodable,
    body: z.object({
      customer_name: required('customer_name', limits.name),
      customer_email: required('customer_email', limits.name),
      customer_phone: required('customer_phone', limits.name),
      max_devices: positive('max_devices'),
      rate_limit_per_hour: positive('rate_limit_per_hour'),
    }),
    run: createCustomer,
    input: ({ body }) => ({
      name: body.customer_name,
      email: body.customer_email,
      phone: body.customer_phone,
      maxDevices: body.max_devices,
      ratePerHour: body.rate_limit_per_hour,
    }),
    reply: answer(
      'API key created successfully',
      z.object({ id: z.int(), api_key: z.string(), ...contact, ...numbers }),
      ({ customer, key }: { customer: Customer; key: string }) => ({
        id: customer.id,
        api_key: key,
        ...facts(customer),
      }),
      { status: 201 },
    ),
  }),

  get('/admin/api-keys', {
    summary: 'List the customers, newest first',
    needs: 'none',
    run: allCustomers,
    reply: answer(
      'API keys retrieved successfully',
      z.array(listed).nullable(),
      (customers: CountedCustomer[]) =>
        orNull(
          customers.map((customer) => ({
            id: customer.id,
            api_key_masked: customer.maskedKey,
            ...facts(customer),
            is_active: customer.isActive,
            device_count: customer.devices,
          })),
        ),
    ),
  }),

  get('/admin/api-keys/{id}', {
    summary: 'Show a customer with its devices',
    needs: 'none',
    params,
    run: detailed,
    input: ({ params }) => params.id,
    reply: answer(
      'API key retrieved successfully',
      listed.extend({
        devices: z.array(inside).nullable(),
        created_at: z.string().nullable(),
        updated_at: z.string().nullable(),
      }),
      ({ customer, devices }: Detailed) => ({
        id: customer.id,
        api_key_masked: customer.maskedKey,
        ...facts(customer),
        is_active: customer.isActive,
        device_count: devices.length,
        devices: orNull(devices.map(insideFields)),
        created_at: instant(customer.createdAt),
        updated_at: instant(customer.updatedAt),
      }),
    ),
  }),

  patch('/admin/api-keys/{id}', {
    summary: 'Change a customer; one that is not active is refused at once, with its devices',
    needs: 'none',
    undecodable,
    params,
    accept: async (services, { id }) => void (await existingCustomer(services, id)),
    body: change,
    run: changeCustomer,
    input: ({ params, body }) => ({ id: params.id, patch: changeOf(body) }),
    reply: done('API key updated successfully'),
  }),

  del('/admin/api-keys/{id}', {
    summary: 'Delete a customer with all its devices, which are unlinked',
    needs: 'none',
    params,
    run: removeCustomer,
    input: ({ params }) => params.id,
    reply: done('API key deleted successfully'),
  }),

  get('/admin/api-keys/{id}/devices', {
    summary: 'List the devices of a customer, newest first',
    needs: 'none',
    params,
    run: devicesOf,
    input: ({ params }) => params.id,
    reply: answer(
      'Devices retrieved successfully',
      z.array(deviceShape).nullable(),
      (devices: DeviceState[]) => orNull(devices.map(deviceFields)),
    ),
  }),

  get('/admin/api-keys/{id}/devices/status', {
    summary: 'List the connections of the devices of a customer',
    needs: 'none',
    params,
    run: devicesOf,
    input: ({ params }) => params.id,
    reply: answer(
      'Device statuses retrieved successfully',
      z.array(deviceStatusShape).nullable(),
      (devices: DeviceState[]) => orNull(devices.map(deviceStatusFields)),
    ),
  }),
]
