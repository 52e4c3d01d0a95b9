import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, ProcessCluster } from './nodes.ts'

/** What other nodes remember of a user or customer is looked at again after a second. */
const SEEN_MS = 5_000

let cluster: ProcessCluster
beforeAll(async () => {
  cluster = await ProcessCluster.start(['one', 'two'], {
    JWT_SECRET_KEY: 'the key of both nodes, for their tokens',
  })
})
afterAll(() => cluster.close())

async function ask(
  node: number,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {},
) {
  const response = await fetch(`${cluster.nodes[node]?.url}/multisession${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  })
  const json: ReturnType<typeof JSON.parse> = await response.json()
  return { status: response.status, json }
}

const asAdmin = { 'X-Admin-Secret': ADMIN_TOKEN }
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

async function customer() {
  const { json } = await ask(0, 'POST', '/admin/api-keys', {
    headers: asAdmin,
    body: {
      customer_name: 'Customer',
      customer_email: 'customer@example.com',
      customer_phone: '15550100100',
      max_devices: 10,
      rate_limit_per_hour: 10_000,
    },
  })
  return { id: json.data.id, key: json.data.api_key }
}

async function device(key: string) {
  const { json } = await ask(0, 'POST', '/devices', { headers: { 'X-API-Key': key }, body: {} })
  return { id: json.data.device_id, secret: json.data.device_secret, token: json.data.token }
}

/** The node says 200 now, and 401 soon, whatever it remembers. */
async function becomesRefused(node: number, token: string, sentence: string): Promise<void> {
  const me = () => ask(node, 'GET', '/devices/me', bearer(token))
  await expect.poll(async () => (await me()).status, { timeout: SEEN_MS }).toBe(401)
  expect((await me()).json.message).toBe(sentence)
}

test('a new token ends the one before on every node', async () => {
  const { key } = await customer()
  const { id, secret, token } = await device(key)

  expect((await ask(1, 'GET', '/devices/me', bearer(token))).status).toBe(200)

  const renewed = await ask(0, 'POST', '/devices/token', { body: { device_id: id, device_secret: secret } })

  // What the other node remembers is older than the new token.
  expect((await ask(1, 'GET', '/devices/me', bearer(renewed.json.data.token))).status).toBe(200)
  await becomesRefused(1, token, 'Token has been revoked. Please regenerate a new token.')
  expect((await ask(1, 'GET', '/devices/me', bearer(renewed.json.data.token))).status).toBe(200)
})

test('a customer that is switched off is refused on every node, with its devices', async () => {
  const { id, key } = await customer()
  const { token } = await device(key)

  expect((await ask(1, 'GET', '/devices/me', bearer(token))).status).toBe(200)

  await ask(0, 'PATCH', `/admin/api-keys/${id}`, { headers: asAdmin, body: { is_active: false } })

  await becomesRefused(1, token, 'API key is inactive')
  expect((await ask(1, 'POST', '/devices', { headers: { 'X-API-Key': key }, body: {} })).status).toBe(401)
})

test('a device that is deleted is refused on every node', async () => {
  const { key } = await customer()
  const { id, token } = await device(key)

  expect((await ask(1, 'GET', '/devices/me', bearer(token))).status).toBe(200)

  await ask(0, 'DELETE', `/admin/devices/${id}`, { headers: asAdmin })

  await becomesRefused(1, token, 'Device not found')
})
