import { userIdOf } from '../../lib/device-id.ts'
import { ApiError } from '../../lib/errors.ts'
import { newToken } from '../../lib/ids.ts'
import { randomBytes } from '../../lib/random.ts'
import { equalSecrets } from '../../lib/secrets/timing-safe-equal.ts'
import { lockCustomer } from '../../store/users/customers.ts'
import { hashSecret } from '../../store/users/key-hashes.ts'
import { forgetUser, getUser, insertUser, raiseTokenVersion, type User } from '../../store/users/users.ts'
import { newUser } from '../admin/admin.ts'
import type { CustomerScope, Services } from '../services.ts'
import { requireActive, signToken } from './tokens.ts'

/** A device with what its programs need. */
export interface NewDevice {
  user: User
  /** 64 hex digits; shown here and never again. */
  secret: string
  token: string
}

const SECRET_BYTES = 32

/**
 * Creates a device of the customer. Throws `invalid_field` when it has as many as it may, and `unauthorized` when it was
 * removed meanwhile.
 */
export async function createDevice(
  { customer, services }: CustomerScope,
  { name }: { name: string },
): Promise<NewDevice> {
  const { db, secrets } = services
  const secret = randomBytes(SECRET_BYTES).toString('hex')
  const user = newUser(services, {
    name,
    // For other dialects; nobody is told of it here.
    token: newToken(),
    customerId: customer.id,
    deviceSecretHash: await hashSecret(services, secret),
    tokenVersion: 1,
  })
  await db.transaction(async (trx) => {
    const locked = await lockCustomer(trx, customer.id)
    if (!locked?.customer.isActive) throw new ApiError('unauthorized', { text: 'Invalid API key' })
    if (locked.devices >= locked.customer.maxDevices)
      throw new ApiError('invalid_field', { text: 'Device limit reached' })
    await insertUser(trx, secrets, user)
  })
  forgetUser(db, user.id)
  return { user, secret, token: await signToken(services, user) }
}

/** What a device proves itself with, to get a token. */
export interface DeviceCredentials {
  deviceId: string
  secret: string
}

/** Issues a new token for a device; all earlier ones stop working at once. Throws `unauthorized`, also where none counts. */
export async function renewToken(
  services: Services,
  { deviceId, secret }: DeviceCredentials,
): Promise<{ user: User; token: string }> {
  const { db, secrets } = services
  const id = userIdOf(deviceId)
  const user = id === undefined ? undefined : await getUser(db, secrets, id)
  if (!user || !equalSecrets(await hashSecret(services, secret), user.deviceSecretHash))
    throw new ApiError('unauthorized', { text: 'Invalid device credentials' })
  await requireActive(services, user)
  const renewed = await raiseTokenVersion(db, secrets, user.id)
  if (!renewed) throw new ApiError('unauthorized', { text: 'Invalid device credentials' })
  return { user: renewed, token: await signToken(services, renewed) }
}
