import { createHmac } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Connection, type SyncMessage } from 'rabbitmq-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { brokerUrl } from '../../../helpers/rabbitmq.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'

const patient = { timeout: 20_000 }
const userKey = 'user-key-user-key-user-key-user-key'

function signature(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('hex')
}

describe('the global webhook', () => {
  let app: TestApp
  let users: Receiver
  let global: Receiver
  let user: LinkedUser

  beforeAll(async () => {
    users = await startReceiver()
    global = await startReceiver()
    app = await TestApp.start({ env: { WUZAPI_GLOBAL_WEBHOOK: global.url } })
    user = await app.linkedUser({ webhook: users.url, hmacKey: userKey, events: 'Message' })
    const contact = await app.contact('447700900100')
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: 'hello' })
  })
  afterAll(async () => {
    await app.close()
    await users.close()
    await global.close()
  })

  test("is signed with the global key, the user's webhook with the user's", async () => {
    const toUser = await users.next('Message')
    const toGlobal = await global.next('Message')

    const key = (await readFile(join(app.place.dataDir, 'global-hmac-key'), 'utf8')).trim()
    expect(toUser.headers['x-hmac-signature']).toBe(signature(toUser.body, userKey))
    expect(toGlobal.headers['x-hmac-signature']).toBe(signature(toGlobal.body, key))
    expect(toGlobal.fields).toMatchObject({ userID: user.id, instanceName: 'Test' })
  })

  test('keeps its generated key to itself', async () => {
    const { mode } = await stat(join(app.place.dataDir, 'global-hmac-key'))

    expect(mode & 0o777).toBe(0o600)
  })

  test('gets nothing the user has not subscribed to', () => {
    const types = new Set(global.requests.map(({ event }) => event.type))

    expect([...types]).toEqual(['Message'])
  })
})

describe('RabbitMQ', () => {
  let app: TestApp
  let client: Connection
  let queue: string
  let user: LinkedUser

  beforeAll(async () => {
    const url = await brokerUrl()
    queue = `parley-test-${crypto.randomUUID()}`
    client = new Connection(url)
    app = await TestApp.start({
      env: {
        RABBITMQ_URL: url,
        RABBITMQ_QUEUE: queue,
        WEBHOOK_ERROR_QUEUE_NAME: `${queue}-errors`,
        WEBHOOK_RETRY_ENABLED: 'false',
      },
    })
    user = await app.linkedUser({ events: 'PairSuccess' })
    await app.contact('447700900100')
  })
  afterAll(async () => {
    await app.close()
    for (const name of [queue, `${queue}-errors`]) await client.queueDelete({ queue: name })
    await client.close()
  })

  async function next(name = queue): Promise<SyncMessage> {
    let found: SyncMessage | undefined
    await expect
      .poll(async () => {
        found ??= await client.basicGet({ queue: name, noAck: true }).catch(() => undefined)
        return found !== undefined
      }, patient)
      .toBe(true)
    if (!found) throw new Error('there is no message')
    return found
  }

  test('gets the events a user has subscribed to, in the JSON form of webhooks', async () => {
    const { body } = await next()

    expect(Object.keys(body)).toEqual(['event', 'instanceName', 'type', 'userID'])
    expect(body).toMatchObject({ instanceName: 'Test', type: 'PairSuccess', userID: user.id })
  })

  test('gets what the API has sent, whatever the subscriptions', async () => {
    const sent = await app.post('/chat/send/text', user.token, { Phone: '447700900100', Body: 'hi' })

    const { body } = await next()
    expect(Object.keys(body)).toEqual(['event', 'instanceName', 'type', 'userID'])
    expect(body.type).toBe('Message')
    expect(body.event.Info).toMatchObject({
      Chat: expect.stringMatching(/^447700900100@s\.whatsapp\.net$|@lid$/),
      Sender: `${user.phone}@s.whatsapp.net`,
      IsFromMe: true,
      IsGroup: false,
      ID: sent.json.data.Id,
      Type: 'text',
      PushName: 'Own phone',
      SenderAlt: expect.stringMatching(/@lid$/),
      DeviceSentMeta: { DestinationJID: body.event.Info.Chat, Phash: '' },
    })
    expect(body.event.Message).toEqual({ extendedTextMessage: { text: 'hi' } })
    expect(body.event.RawMessage.deviceSentMessage).toMatchObject({
      destinationJID: body.event.Info.Chat,
      message: { extendedTextMessage: { text: 'hi' } },
    })
  })

  test.each([
    ['PairSuccess', 'no <b>'],
    // A receiver may answer with what it was sent, and of a code nobody keeps a copy.
    ['QR', 'not kept: it may hold a code that links a phone'],
  ])('gets webhooks of %s that were given up, in wuzapi’s words', async (type, answer) => {
    const receiver = await startReceiver()
    receiver.answer(500, {}, 'no <b>')
    const other = await app.createUser({ webhook: receiver.url, events: type })
    if (type === 'QR') await app.post('/session/connect', other.token, { Immediate: true })
    else await app.link(other)

    const { body } = await next(`${queue}-errors`)
    expect(body).toEqual({
      url: receiver.url,
      payload: {
        instanceName: 'Test',
        jsonData: expect.stringContaining(`"type":"${type}"`),
        userID: other.id,
      },
      userID: other.id,
      encryptedHmacKey: '',
      attemptTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      errorMessage: `unexpected status code: 500. Body: ${answer}`,
    })
    await receiver.close()
  })
})

test('the server starts, serves and stops while RabbitMQ is away', async () => {
  const app = await TestApp.start({ env: { RABBITMQ_URL: 'amqp://guest:guest@127.0.0.1:1' } })

  const answer = await app.request('GET', '/health')

  expect(answer.status).toBe(200)
  await app.close()
})
