import type { JWTPayload } from 'jose'
import { deviceIdOf, userIdOf } from '../../lib/device-id.ts'
import { ApiError } from '../../lib/errors.ts'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { sharedSecret } from '../../store/keys/shared-secrets.ts'
import { getUser, getUserAnew, type User } from '../../store/users/users.ts'
import type { Services } from '../services.ts'
import { customerOf } from './customers.ts'

const ALGORITHM = 'HS256'
/** Tokens whose signature was right, so that it is computed once: what they say is looked at every time. */
const MAX_VERIFIED = 20_000
/** Longer ones are none of ours. */
const MAX_TOKEN_LENGTH = 4_096

/** What a right signature vouches for. */
interface Claims {
  deviceId: string
  version: number
  /** Unix seconds. */
  notBefore: number
  expiresAt: number
}

const verified = new WeakMap<Services, BoundedCache<string, Claims>>()

/** Signs a token for a device; it counts as long as the version is the device's. */
export async function signToken(
  services: Services,
  { id, customerId, tokenVersion, jid }: User,
): Promise<string> {
  const deviceId = deviceIdOf(id)
  const claims = {
    device_id: deviceId,
    api_key_id: customerId ?? 0,
    version: tokenVersion,
    ...(jid && { jid }),
  }
  const { SignJWT } = await import('jose')
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setSubject(deviceId)
    .setNotBefore(Math.floor(Date.now() / 1000))
    .setIssuedAt()
    .sign(await keyOf(services))
}

/**
 * The device that a token was signed for. Throws `unauthorized`: for a token that is not ours, expired or of an earlier
 * version, for a device that is gone, and for one whose customer is not active.
 */
export async function deviceOfToken(services: Services, token: string, now = Date.now()): Promise<User> {
  const claims = await verify(services, token)
  const seconds = now / 1000
  if (seconds < claims.notBefore || seconds >= claims.expiresAt) throw invalid()
  const id = userIdOf(claims.deviceId)
  const user = id === undefined ? undefined : await userOf(services, id, claims)
  if (user?.customerId == null) throw new ApiError('unauthorized', { text: 'Device not found' })
  if (user.tokenVersion !== claims.version)
    throw new ApiError('unauthorized', {
      text: 'Token has been revoked. Please regenerate a new token.',
    })
  await requireActive(services, user)
  return user
}

/** Makes sure that the customer of a device is active: else no token of it counts. Throws `unauthorized`. */
export async function requireActive(services: Services, { customerId }: User): Promise<void> {
  const customer = customerId === null ? undefined : await customerOf(services, customerId)
  if (!customer?.isActive) throw new ApiError('unauthorized', { text: 'API key is inactive' })
}

/** As remembered, unless the token is newer than that: then another node has just issued it. */
async function userOf({ db, secrets }: Services, id: string, { version }: Claims): Promise<User | undefined> {
  const user = await getUser(db, secrets, id)
  return user && version > user.tokenVersion ? getUserAnew(db, secrets, id) : user
}

async function verify(services: Services, token: string): Promise<Claims> {
  const cache = verified.get(services) ?? new BoundedCache<string, Claims>({ max: MAX_VERIFIED })
  verified.set(services, cache)
  const known = cache.get(token)
  if (known) return known
  if (token.length > MAX_TOKEN_LENGTH) throw invalid()
  const { jwtVerify } = await import('jose')
  const { payload } = await jwtVerify(token, await keyOf(services), {
    algorithms: [ALGORITHM],
    // Looked at when the token is used: what is remembered grows old.
    currentDate: new Date(0),
    clockTolerance: Number.MAX_SAFE_INTEGER,
  }).catch((cause: unknown) => {
    throw invalid(cause)
  })
  const claims = claimsOf(payload)
  cache.set(token, claims)
  return claims
}

function claimsOf({ nbf = 0, exp = Number.POSITIVE_INFINITY, ...payload }: JWTPayload): Claims {
  const { device_id: deviceId, version } = payload
  return {
    deviceId: typeof deviceId === 'string' ? deviceId : '',
    version: typeof version === 'number' ? version : -1,
    notBefore: nbf,
    expiresAt: exp,
  }
}

async function keyOf({ config, db, secrets }: Services): Promise<Uint8Array> {
  return Buffer.from(config.jwtSecretKey ?? (await sharedSecret(db, secrets, 'tokens of devices')))
}

function invalid(cause?: unknown): ApiError {
  return new ApiError('unauthorized', { text: 'Invalid or expired token' }, { cause })
}
