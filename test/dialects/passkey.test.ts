import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestUser } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { type Json, PasskeyBench } from '../operations/passkey-bench.ts'
import { JWT_KEY, Multisession } from './multisession/multisession.ts'

const API_KEY = 'test-api-key'
const PAGE = expect.stringMatching(/^\/link\/#[\w-]{60,}$/)
const QUESTION = expect.objectContaining({ rpId: 'whatsapp.com' })
const CODE = expect.stringMatching(/^.{4}-.{4}$/)

let bench: PasskeyBench
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
  const env = { API_KEY, BASE_WEBHOOK_URL: receiver.url, JWT_SECRET_KEY: JWT_KEY, PASSKEY_CONFIRM: 'ask' }
  bench = await PasskeyBench.start('sqlite', { env })
})
afterAll(async () => {
  await bench.close()
  await receiver.close()
})

/** What the receiver was told under these names, in order. */
async function told(nameOf: (body: Json) => unknown, names: string[]): Promise<Json[]> {
  const bodies = () =>
    receiver.requests.map(({ event }) => event as Json).filter((body) => names.includes(String(nameOf(body))))
  await bench.app.waitFor(names.join(), () => bodies().length >= names.length)
  const found = bodies()
  receiver.requests.length = 0
  return found
}

/** The owner uses the passkey, compares the code and is linked. */
async function links(owner: TestUser & { phone: string }): Promise<void> {
  await bench.answer(owner)
  await bench.app.waitFor('the code', () => bench.session(owner)?.linking.passkey?.code)
  expect((await bench.confirm(owner)).status).toBe(200)
  await bench.linked(owner)
}

test('wago-api tells what to do, and where', async () => {
  const owner = await bench.demanded()
  const headers = { 'x-api-key': API_KEY }
  const { name } = (await bench.app.get('/session/status', owner.token)).json.data

  const { status, json } = await bench.app.request('GET', `/wago-api/session/qr/${name}`, { headers })
  await links(owner)

  expect([status, json]).toEqual([200, { success: false, message: 'passkey required', passkeyPage: PAGE }])
  expect(
    (await told(({ event }) => event, ['passkey_request', 'passkey_code'])).map(({ event, data }) => [
      event,
      data,
    ]),
  ).toEqual([
    ['passkey_request', { page: PAGE, publicKey: QUESTION }],
    ['passkey_code', { code: CODE, skipHandoff: true }],
  ])
})

test('wsgo tells what to do, and where', async () => {
  const owner = await bench.owner()
  const headers = { 'X-API-Key': owner.token }
  await bench.app.request('POST', '/wsgo/api/webhook', { headers, body: { url: receiver.url } })
  await bench.scan(owner)

  const { status, json } = await bench.app.request('GET', '/wsgo/api/qr?format=base64', { headers })
  await links(owner)

  expect([status, json]).toEqual([409, { error: expect.stringContaining('passkey'), passkeyPage: PAGE }])
  const plain = ({ sessionId, event }: Json) => (sessionId === undefined ? event : undefined)
  expect(await told(plain, ['passkey_required', 'passkey_code'])).toEqual([
    { event: 'passkey_required', data: { page: PAGE, publicKey: QUESTION } },
    { event: 'passkey_code', data: { code: CODE, skipHandoff: true } },
  ])
})

test('WaGo tells what to do, and where', async () => {
  const owner = await bench.owner()
  await bench.app.post('/wago/webhook', owner.token, { WebhookURL: receiver.url, Subscribe: ['All'] })
  await bench.scan(owner)

  const { status, json } = await bench.app.get('/wago/session/qr', owner.token)
  await links(owner)

  expect([status, JSON.stringify(json)]).toEqual([500, expect.stringContaining('/link/#')])
  const requests = await told(({ type }) => type, ['PasskeyRequest', 'PasskeyRequest', 'PasskeyConfirmation'])
  expect(requests.map(({ type, passkeyPage, code }) => [type, passkeyPage ?? code])).toEqual(
    expect.arrayContaining([
      ['PasskeyRequest', PAGE],
      ['PasskeyConfirmation', CODE],
    ]),
  )
})

test('multisession tells what to do, and where', async () => {
  const devices = Multisession.of(bench.app)
  const { userId: id, token } = await devices.newDevice(await devices.customer())
  const phone = '447900399999'
  const names = ['connection.passkey_required', 'connection.passkey_code']
  await devices.device('POST', '/webhooks', token, { url: receiver.url, events: names })
  await bench.demand({ id, token, phone }, true)
  await devices.device('POST', '/devices/me/login', token, { output: 'json' })
  const qr = bench.session({ id, token })?.status.qr
  await bench.app.sandbox('POST', '/scan', { qr, phone })
  await bench.app.waitFor('the demand', () => bench.session({ id, token })?.linking.passkey)

  const again = await devices.device('POST', '/devices/me/login', token, { output: 'json' })
  const { options } = bench.session({ id, token })?.linking.passkey ?? { options: '' }
  const body = await bench.app.sandbox('POST', `/accounts/${phone}/assert`, { options: JSON.parse(options) })
  await bench.session({ id, token })?.linking.ceremony?.respond(body)

  expect([again.status, again.json.message]).toEqual([409, expect.stringContaining('/link/#')])
  const requests = await told(({ event_type }) => event_type, names)
  expect(requests.map(({ event_type, data }) => [event_type, data])).toEqual([
    [names[0], { jid: '', page: PAGE, public_key: QUESTION }],
    [names[1], { jid: '', code: CODE, skip_handoff: true }],
  ])
})
