import { userIdOf } from '../../lib/device-id.ts'
import { ApiError } from '../../lib/errors.ts'
import { type Customer, listCustomers } from '../../store/users/customers.ts'
import { getUser, listAllDevices } from '../../store/users/users.ts'
import { removeUser } from '../admin/removals.ts'
import type { Services } from '../services.ts'
import { reconnectDevice } from './device-link.ts'
import { type DeviceState, deviceStates } from './device-state.ts'

/** A device and whose it is. */
export interface OwnedDevice {
  state: DeviceState
  customer: Pick<Customer, 'id' | 'name'>
}

/** The devices of all customers, newest first. */
export async function allDevices(services: Services): Promise<OwnedDevice[]> {
  const customers = new Map((await listCustomers(services.db)).map((one) => [one.id, one]))
  const states = await deviceStates(services, await listAllDevices(services.db, services.secrets))
  return states.map((state) => {
    const id = state.user.customerId ?? 0
    return { state, customer: { id, name: customers.get(id)?.name ?? '' } }
  })
}

/** What came of connecting one device again. */
export interface Reconnection {
  device: DeviceState
  outcome: 'reconnected' | 'failed' | 'skipped' | 'already_connected'
  /** Why it was not connected; '' when it was. */
  problem: string
}

/** How many sessions are asked to connect at the same time; they wait for their slots after that. */
const AT_ONCE = 10

/** Begins to connect every linked device that is offline; which of them succeed is seen in their states. */
export async function reconnectAll(services: Services): Promise<Reconnection[]> {
  const devices = await allDevices(services)
  const results: Reconnection[] = []
  for (let first = 0; first < devices.length; first += AT_ONCE)
    results.push(
      ...(await Promise.all(
        devices.slice(first, first + AT_ONCE).map(({ state }) => reconnectOne(services, state)),
      )),
    )
  return results
}

async function reconnectOne(services: Services, device: DeviceState): Promise<Reconnection> {
  if (device.jid === '') return { device, outcome: 'skipped', problem: 'Device never logged in' }
  if (device.isLoggedIn) return { device, outcome: 'already_connected', problem: '' }
  try {
    await reconnectDevice({ user: device.user, services })
    return { device, outcome: 'reconnected', problem: '' }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const problem = error.code === 'lease_lost' ? 'another node is connecting it' : error.message
    return { device, outcome: 'failed', problem }
  }
}

/** Deletes a device and unlinks it; its tokens stop working at once. Throws `not_found`. */
export async function removeDevice(services: Services, deviceId: string): Promise<void> {
  const id = userIdOf(deviceId)
  const user = id === undefined ? undefined : await getUser(services.db, services.secrets, id)
  if (user?.customerId == null) throw new ApiError('not_found', { text: 'Device not found' })
  await removeUser(services, user.id)
}
