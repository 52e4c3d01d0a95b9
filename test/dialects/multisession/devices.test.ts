import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulated, unhurried } from '../../../src/dialects/multisession/shapes/simulated.ts'
import { sendText } from '../../../src/operations/messages/send.ts'
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

  expect(await status()).toMatchObject({ client_loaded: false, db_status: 'disconnected' })

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

describe('an operation that sends', () => {
  const scope = () => ({
    user: session().user,
    services: {
      ...server.app.parley.services,
      config: { ...server.app.parley.services.config, autoTyping: false, autoOnline: false },
    },
  })
  const send = simulated(sendText)

  test('keeps its name', () => {
    expect(send.name).toBe('sendText')
    expect(unhurried(sendText).name).toBe('sendText')
  })

  test('types before, where the request wants that', async () => {
    const startedAt = performance.now()
    await send(scope(), { to: contact, text: 'slow', typingSimulation: true })
    const { observations } = await server.app.sandbox('GET', `/contacts/${contact}/observations`)

    expect(performance.now() - startedAt).toBeGreaterThan(140)
    expect(JSON.stringify(observations)).toContain('composing')
  })

  test('sends at once, where the settings and the request say nothing', async () => {
    const startedAt = performance.now()
    await send(scope(), { to: contact, text: 'quick' })

    expect(performance.now() - startedAt).toBeLessThan(140)
  })

  test('sends at once, where the request does not want what the settings want', async () => {
    const eager = scope()
    eager.services.config = { ...eager.services.config, autoTyping: true }
    const startedAt = performance.now()
    await send(eager, { to: contact, text: 'quick', typingSimulation: false })

    expect(performance.now() - startedAt).toBeLessThan(140)
  })

  test('is online while it sends, and the message arrives', async () => {
    const { id } = await send(scope(), { to: contact, text: 'online', presenceSimulation: true })

    await server.app.waitFor('the message', async () =>
      (await server.app.received(contact)).some((message) => message.id === id),
    )
  })

  test('shows nothing of a device without a session', async () => {
    const idle = await server.newDevice(customer)
    const { services } = scope()
    const user = { ...session().user, id: idle.userId }

    await expect(
      send({ user, services }, { to: contact, text: 'x', typingSimulation: true }),
    ).rejects.toMatchObject({
      code: 'no_session',
    })
  })
})
