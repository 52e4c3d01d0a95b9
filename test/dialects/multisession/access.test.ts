import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multisession } from '../../../src/dialects/multisession/index.ts'
import { ADMIN_TOKEN } from '../../helpers/app.ts'
import { Multisession, refusal } from './multisession.ts'

// Over all routes the dialect declares, so that a new one is covered as soon as it is there.
const routes = multisession.groups.flatMap(({ security, endpoints }) =>
  endpoints.map(({ method, path }) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: path.replace(/\{\w+\}/g, '1'),
    security,
  })),
)

let server: Multisession
/** What each of the three shows. */
let keys: Record<string, Record<string, string>>
beforeAll(async () => {
  server = await Multisession.start()
  const customer = await server.customer({ max_devices: 1_000 })
  const device = await server.newDevice(customer)
  keys = {
    admin: { 'X-Admin-Secret': ADMIN_TOKEN },
    customer: { 'X-API-Key': customer.key },
    device: { Authorization: `Bearer ${device.token}` },
  }
})
afterAll(() => server.close())

/** What is said to whoever shows nothing, or what somebody else has. */
const MISSING: Record<string, string> = {
  admin: 'Missing X-Admin-Secret header',
  customer: 'Missing X-API-Key header',
  device: 'Missing Authorization header',
}

test('every route is there once', () => {
  expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length)
})

test('what is open is open', () => {
  const open = routes.filter(({ security }) => security === 'none').map(({ name }) => name)

  expect(open.toSorted()).toEqual(['GET /', 'POST /devices/token'])
})

describe.each(routes.filter(({ security }) => security !== 'none'))('$name', ({ method, path, security }) => {
  test('is closed to whoever shows nothing, and to the other two', async () => {
    const others = Object.keys(keys).filter((kind) => kind !== security)
    for (const headers of [{}, ...others.map((kind) => keys[kind] ?? {})]) {
      const { status, json } = await server.request(method, path, { headers })

      expect([status, json]).toEqual([401, refusal(401, MISSING[security] ?? '')])
    }
  })

  test("takes nobody else's key in its own header", async () => {
    const header = Object.keys(keys[security] ?? {})[0] ?? ''
    for (const [kind, shown] of Object.entries(keys)) {
      if (kind === security) continue
      const secret = Object.values(shown)[0]?.replace('Bearer ', '') ?? ''
      const value = security === 'device' ? `Bearer ${secret}` : secret
      const { status } = await server.request(method, path, { headers: { [header]: value } })

      expect(status).toBe(401)
    }
  })
})
