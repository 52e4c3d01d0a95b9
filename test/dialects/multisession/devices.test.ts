import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Multisession, refusal, type TestCustomer, type TestDevice } from './multisession.ts'

let server: Multisession
let customer: TestCustomer
let device: TestDevice
const contact = '15550003003'

beforeAll(async () => {
  server = await Multisession.start({
    env: { WHATSAPP_TYPING_DELAY_MIN: '150ms', WHATSAPP_TYPING_DELAY_MAX: '200ms' },
  })
  customer = await server.customer()
  device = await server.newDevice(customer)
  await server.app.contact(contact, { name: 'Carol' })
  await server.link(device, '15550001001')
})
afterAll(() => server.close())

const session = () => server.app.parley.services.sessions.live(device.userId)
const status = async () => (await server.device('GET', '/devices/me/status', device.token)).json.data

describe('a proxy', () => {
  test.each([['socks5://127.0.0.1:1'], ['ftp://proxy.example.com'], ['http://'], ['proxy.example.com:8080']])(
    '%s is refused, and nothing changes',
    async (url) => {
      const answer = await server.device('POST', '/devices/me/proxy', device.token, { proxy_url: url })
      const { json } = await server.device('GET', '/devices/me/proxy', device.token)

      expect([answer.status, answer.json]).toEqual([
        400,
        refusal(400, 'proxy URL must start with http:// or https://'),
      ])
      expect(json.data).toEqual({ active: false, proxy_url: '' })
    },
  )

  test('connects a connected device anew', async () => {
    const before = session()
    const answer = await server.device('POST', '/devices/me/proxy', device.token, { proxy_url: '' })
    await server.app.waitFor('the connection', async () => (await status()).connected)

    expect(answer.status).toBe(200)
    expect(session()).not.toBe(before)
  })
})

test('reconnecting everybody names who is skipped and who is there', async () => {
  const idle = await server.newDevice(customer)
  const { json } = await server.admin('POST', '/admin/devices/reconnect')
  const of = ({ deviceId }: TestDevice) =>
    json.data.results.find((result: { device_id: string }) => result.device_id === deviceId)

  expect(of(idle)).toMatchObject({ status: 'skipped', error: 'Device never logged in' })
  expect(of(device)).toMatchObject({ status: 'already_connected' })
  expect(json.data.summary).toEqual({ failed: 0, reconnected: 0, skipped: 2, total: 2 })
})

test('a device that goes offline comes back by the administrator', async () => {
  await server.app.parley.services.sessions.disconnect(device.userId)

  expect(await status()).toMatchObject({
    client_loaded: true,
    db_status: 'disconnected',
    error: 'WhatsApp Client is not Connected',
  })
  for (const [method, path, body] of [
    ['GET', '/groups'],
    ['GET', '/users/me/contacts'],
    ['POST', `/chats/${contact}/messages`, { text: 'x' }],
    ['PATCH', '/messages/3EB0X', { chat_jid: contact, text: 'x' }],
  ] as const) {
    const { status: code, json } = await server.device(method, path, device.token, body)
    expect([path, code, json.message]).toEqual([path, 500, 'WhatsApp Client is not Connected'])
  }

  const { json } = await server.admin('POST', '/admin/devices/reconnect')

  expect(json.data.summary.reconnected).toBe(1)
  await server.app.waitFor('the connection', async () => (await status()).connected)
})

test('receipts are those of an active device, also while the account is shown as offline', async () => {
  const types = async (): Promise<string[]> => {
    const { observations } = await server.app.sandbox('GET', `/contacts/${contact}/observations`)
    return observations.filter((seen: { kind?: string }) => JSON.stringify(seen).includes('receipt'))
  }
  await server.device('POST', '/devices/me/force-active-receipts', device.token, { active: true })
  const heard = (await types()).length
  await server.app.sandbox('POST', `/contacts/${contact}/send`, { to: '15550001001', text: 'Hi' })

  await server.app.waitFor('a receipt', async () => (await types()).length > heard)
})
