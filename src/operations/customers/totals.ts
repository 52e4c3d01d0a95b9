import { type WebhookTotals, webhookTotals } from '../../store/delivery/device-totals.ts'
import { listCustomers } from '../../store/users/customers.ts'
import { type Health, health } from '../admin/health.ts'
import type { Services } from '../services.ts'
import { allDevices } from './all-devices.ts'
import type { DeviceStage } from './device-state.ts'

/** Customers, their devices and their webhooks in numbers. */
export interface Totals {
  customers: number
  activeCustomers: number
  devices: number
  /** Those that can send. */
  connected: number
  /** How many devices got how far. */
  stages: Record<DeviceStage, number>
  webhooks: WebhookTotals
}

/** Counts them, on all nodes. */
export async function totals(services: Services): Promise<Totals> {
  const [customers, devices, webhooks] = await Promise.all([
    listCustomers(services.db),
    allDevices(services),
    webhookTotals(services.db),
  ])
  const stages = { pending: 0, active: 0, disconnected: 0, logged_out: 0 }
  for (const { state } of devices) stages[state.stage]++
  return {
    customers: customers.length,
    activeCustomers: customers.filter(({ isActive }) => isActive).length,
    devices: devices.length,
    connected: devices.filter(({ state }) => state.isLoggedIn).length,
    stages,
    webhooks,
  }
}

/** What an operator wants to know of the process and of the customers. */
export interface CustomerHealth {
  process: Health
  totals: Totals | undefined
  /** Why the database does not answer, '' when it does. */
  databaseProblem: string
}

/** The state of this process, also when the database does not answer. */
export async function customerHealth(services: Services): Promise<CustomerHealth> {
  try {
    const [process, counted] = await Promise.all([health(services), totals(services)])
    return { process, totals: counted, databaseProblem: '' }
  } catch (error) {
    services.log.warn({ err: error }, 'the database did not answer')
    const process = await health(services, { withoutUsers: true })
    return { process, totals: undefined, databaseProblem: 'the database does not answer' }
  }
}
