import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { freePort } from '../helpers/free-port.ts'
import { ACCESS_TOKEN, ACCOUNT, ChatwootStandIn, INBOX, WEBHOOK_SECRET } from './chatwoot-stand-in.ts'

const program = join(import.meta.dirname, '../../examples/chatwoot/bridge.mjs')
const ADA = '4915550002001'
const BEN = '4915550002002'

const chatwoot = new ChatwootStandIn()
let app: TestApp
let user: LinkedUser
let bridge: ChildProcess
let bridgeUrl: string

beforeAll(async () => {
  app = await TestApp.start({ env: { WEBHOOK_RETRY_DELAY_SECONDS: '1' } })
  user = await app.linkedUser()
  await app.contact(ADA, { name: 'Ada' })
  await app.contact(BEN, { name: 'Ben' })
  const port = await freePort()
  bridgeUrl = `http://127.0.0.1:${port}`
  // As the README sets it up: a further webhook that is told messages in JSON, and its secret.
  const webhook = { slot: 'user', url: `${bridgeUrl}/parley`, events: ['Message'], format: 'json' }
  const { target } = (await app.post('/parley/me/webhooks', user.token, webhook)).json
  const { secret } = (await app.post(`/parley/me/secret?target=${target}`, user.token)).json
  chatwoot.callbackUrl = `${bridgeUrl}/chatwoot`
  bridge = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      PORT: String(port),
      PARLEY_URL: `${app.url}/`,
      PARLEY_TOKEN: user.token,
      PARLEY_WEBHOOK_SECRET: secret,
      CHATWOOT_URL: await chatwoot.start(),
      CHATWOOT_TOKEN: ACCESS_TOKEN,
      CHATWOOT_ACCOUNT_ID: String(ACCOUNT),
      CHATWOOT_INBOX_ID: String(INBOX),
      CHATWOOT_WEBHOOK_SECRET: WEBHOOK_SECRET,
    },
    stdio: ['ignore', 'inherit', 'ignore'],
  })
  await app.waitFor('the bridge', () => fetch(bridgeUrl).catch(() => undefined))
})
afterAll(async () => {
  bridge.kill()
  await chatwoot.close()
  await app.close()
})

const writes = (phone: string, content: object) =>
  app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, ...content })
const told = (content: string) => chatwoot.messages.filter((message) => message.content === content)
const conversationOf = (phone: string) =>
  app.waitFor(`a conversation with ${phone}`, () =>
    chatwoot.conversations.find(({ contact }) => contact.phone_number === `+${phone}`),
  )
const heard = async (phone: string, text: string) =>
  (await app.received(phone)).filter((message) => message.text === text)
/** The newest delivery, once it has been made. */
const newestDelivered = () =>
  app.waitFor('the delivery', async () => {
    const { deliveries } = (await app.get('/parley/me/deliveries?target=all&limit=1', user.token)).json
    return deliveries[0]?.state === 'delivered' && deliveries[0].id
  })

test('what somebody writes becomes a conversation with a contact, and goes on there', async () => {
  const { id } = await writes(ADA, { text: 'Do you have it in blue?' })
  await app.waitFor('the first message', () => told('Do you have it in blue?').length > 0)
  await writes(ADA, { text: 'Or in green?' })
  await app.waitFor('the second message', () => told('Or in green?').length > 0)

  const { contact, messages } = await conversationOf(ADA)
  expect(contact).toMatchObject({ name: 'Ada', identifier: `${ADA}@s.whatsapp.net`, phone_number: `+${ADA}` })
  expect(messages.map(({ content, source_id }) => [content, source_id === id])).toEqual([
    ['Do you have it in blue?', true],
    ['Or in green?', false],
  ])
  expect(chatwoot.conversations.filter((one) => one.contact.id === contact.id)).toHaveLength(1)
})

test('a delivery that comes again is told once', async () => {
  await writes(ADA, { text: 'Only once, please' })
  await app.waitFor('the message', () => told('Only once, please').length > 0)

  const delivery = await newestDelivered()
  const before = chatwoot.requests
  const again = await app.post(`/parley/me/deliveries/${delivery}/redeliver`, user.token)
  await app.waitFor('the bridge to look', () => chatwoot.requests >= before + 3)
  await writes(ADA, { text: 'And then this' })
  await app.waitFor('what came behind it', () => told('And then this').length > 0)

  expect(again.status).toBe(200)
  expect(told('Only once, please')).toHaveLength(1)
})

test('a file goes along, and what has neither text nor file is named', async () => {
  await writes(ADA, { image: { caption: 'This one' } })
  await writes(ADA, { location: { latitude: 52.5, longitude: 13.4 } })
  await writes(ADA, { poll: { name: 'Which?', options: ['Blue', 'Green'] } })

  await app.waitFor('the picture', () => told('This one').length > 0)
  await app.waitFor('the place', () => told('(location 52.5,13.4)').length > 0)
  await app.waitFor('the poll', () => told('(pollCreation)').length > 0)
  expect(told('This one')[0]?.files).toEqual([
    { name: expect.stringMatching(/^\w+\.jpe$/), type: 'image/jpeg', size: expect.any(Number) },
  ])
})

test('what an agent answers reaches the contact once, however often the callback comes', async () => {
  const callBack = chatwoot.agentWrites(await conversationOf(ADA), 'Yes, in blue and in green')

  const statuses = [await callBack(), await callBack()]

  expect(statuses).toEqual([204, 204])
  await app.waitFor('the answer', async () => (await heard(ADA, 'Yes, in blue and in green')).length > 0)
  expect(await heard(ADA, 'Yes, in blue and in green')).toHaveLength(1)
})

test('somebody whom an agent entered by number is written to, and stays one contact', async () => {
  const conversation = chatwoot.entered(`+${BEN}`)

  const status = await chatwoot.agentWrites(conversation, 'Your order has arrived')()
  await app.waitFor('the message', async () => (await heard(BEN, 'Your order has arrived')).length > 0)
  await writes(BEN, { text: 'Thank you' })
  await app.waitFor('the answer', () => told('Thank you').length > 0)

  expect(status).toBe(204)
  expect(conversation.messages.map(({ content }) => content)).toEqual(['Your order has arrived', 'Thank you'])
})

test('notes among agents stay there', async () => {
  const status = await chatwoot.agentWrites(await conversationOf(ADA), 'She is a regular', true)()
  await chatwoot.agentWrites(await conversationOf(ADA), 'We are open until six')()
  await app.waitFor('the next answer', async () => (await heard(ADA, 'We are open until six')).length > 0)

  expect(status).toBe(204)
  expect(await heard(ADA, 'She is a regular')).toEqual([])
})

test('what is not signed is refused on both sides', async () => {
  const forged = { 'webhook-id': 'dlv_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }
  const headers = { ...forged, 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }
  const before = chatwoot.requests

  const delivery = await fetch(`${bridgeUrl}/parley`, { method: 'POST', headers, body: '{"type":"Message"}' })
  const callBack = await chatwoot.agentWrites(await conversationOf(ADA), 'Forged')('another secret')

  expect(delivery.status).toBe(401)
  expect(callBack).toBe(401)
  expect(chatwoot.requests).toBe(before)
  expect(await heard(ADA, 'Forged')).toEqual([])
})

test('a Chatwoot that is down is told when it is back', async () => {
  const before = chatwoot.requests
  chatwoot.isDown = true
  await writes(ADA, { text: 'Anybody there?' })
  await app.waitFor('a first attempt', () => chatwoot.requests > before)
  chatwoot.isDown = false

  await app.waitFor('the message', () => told('Anybody there?').length > 0)

  expect(told('Anybody there?')).toHaveLength(1)
})

test('what does not leave is shown to the agent, also when that comes out late', async () => {
  const conversation = chatwoot.entered('+4915550002003')
  await app.sandbox('POST', '/faults', { kind: 'ignore-query', xmlns: 'usync' })

  const status = await chatwoot.agentWrites(conversation, 'To nobody')()
  await app.waitFor('the report', () => told('To nobody')[0]?.status === 'failed')
  await app.sandbox('DELETE', '/faults')

  expect(status).toBe(202)
})

test('a Parley whose phone is away refuses, and a repetition is taken when it is back', async () => {
  const callBack = chatwoot.agentWrites(await conversationOf(ADA), 'Are you still there?')
  const isOpen = () => app.parley.services.sessions.find(user.id)?.status.loggedIn

  await app.post('/session/disconnect', user.token)
  const refused = await callBack()
  await app.post('/session/connect', user.token, { Immediate: true })
  await app.waitFor('the session', isOpen)
  const taken = await callBack()

  expect([refused, taken]).toEqual([502, 204])
  await app.waitFor('the message', async () => (await heard(ADA, 'Are you still there?')).length > 0)
})
