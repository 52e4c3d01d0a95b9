import { admit, asDevice } from '../../src/dialects/multisession/auth.ts'
import { asUser } from '../../src/dialects/wuzapi/auth.ts'
import type { Authenticate, RequestHead } from '../../src/http/endpoint/dialect.ts'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { spread } from './stats.ts'

/** What it costs to find out who asks. */
export type AuthenticationFigures = Record<'plainToken' | 'signedToken', { p50Us: number; p99Us: number }>

const ROUNDS = 20_000
const WARM_UP = 2_000

/**
 * Authenticates a user by plain token and a device by signed token, in turns: from the headers of a request to the user,
 * with the hourly limit of the device's customer, without what HTTP costs before and after.
 */
export async function authenticationRun(): Promise<AuthenticationFigures> {
  const app = await TestApp.start()
  try {
    const { token } = await app.createUser()
    const plain = headWith({ token })
    const signed = headWith({ authorization: `Bearer ${await deviceToken(app)}` })
    const durations: Record<keyof AuthenticationFigures, number[]> = { plainToken: [], signedToken: [] }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const plainToken = await timed(app, asUser, plain)
      const signedToken = await timed(app, asDevice, signed)
      if (round < 0) continue
      durations.plainToken.push(plainToken)
      durations.signedToken.push(signedToken)
    }
    return {
      plainToken: inMicroseconds(durations.plainToken),
      signedToken: inMicroseconds(durations.signedToken),
    }
  } finally {
    await app.close()
  }
}

/** Milliseconds with two decimals would be zeros. */
function inMicroseconds(durationsMs: number[]): { p50Us: number; p99Us: number } {
  const { p50Ms: p50Us, p99Ms: p99Us } = spread(durationsMs.map((ms) => ms * 1_000))
  return { p50Us, p99Us }
}

async function timed({ parley }: TestApp, authenticate: Authenticate, head: RequestHead): Promise<number> {
  const { services } = parley
  const begun = performance.now()
  const principal = await authenticate(head, services)
  if (authenticate === asDevice) await admit(principal, services)
  return performance.now() - begun
}

function headWith(headers: Record<string, string>): RequestHead {
  return {
    method: 'GET',
    path: '/',
    params: {},
    query: {},
    header: (name) => headers[name.toLowerCase()],
  }
}

/** The token of a new device of a new customer. */
async function deviceToken(app: TestApp): Promise<string> {
  const customer = await app.request('POST', '/multisession/admin/api-keys', {
    headers: { 'X-Admin-Secret': ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: {
      customer_name: 'Bench',
      customer_email: 'bench@example.com',
      customer_phone: '15550000000',
      max_devices: 1,
      rate_limit_per_hour: 10 * (ROUNDS + WARM_UP),
    },
  })
  const device = await app.request('POST', '/multisession/devices', {
    headers: { 'X-API-Key': customer.json.data.api_key, 'Content-Type': 'application/json' },
    body: { device_name: 'Bench' },
  })
  return device.json.data.token
}
