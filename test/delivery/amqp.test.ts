import { Connection, type SyncMessage } from 'rabbitmq-client'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectQueue, type MessageQueue } from '../../src/delivery/amqp.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { countDeliveries } from '../../src/store/delivery/deliveries.ts'
import { repeatDelivery } from '../../src/store/delivery/delivery-log.ts'
import { databaseKinds } from '../helpers/database.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { brokerUrl } from '../helpers/rabbitmq.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const patient = { timeout: 20_000 }

let url: string
let queueName: string
let errorQueueName: string
let client: Connection
let forwarder: Forwarder
let bench: OutboxBench
let queue: MessageQueue

beforeAll(async () => {
  url = await brokerUrl()
})

/** The next message of a queue. */
async function next(name = queueName): Promise<SyncMessage> {
  await expect.poll(async () => (await depth(name)) > 0, patient).toBe(true)
  const message = await client.basicGet({ queue: name, noAck: true })
  if (!message) throw new Error('somebody else took the message')
  return message
}

async function depth(name: string): Promise<number> {
  try {
    return (await client.queueDeclare({ queue: name, passive: true })).messageCount
  } catch {
    // Nobody has published to it yet.
    return 0
  }
}

describe.each(databaseKinds)('RabbitMQ and %s', (kind) => {
  beforeEach(async () => {
    queueName = `parley-test-${crypto.randomUUID()}`
    errorQueueName = `${queueName}-errors`
    client = new Connection(url)
    const { hostname, port } = new URL(url)
    forwarder = await startForwarder({ host: hostname, port: Number(port) })
    const through = new URL(url)
    through.port = String(forwarder.port)
    queue = connectQueue({ url: through.href, log: createLogger('silent') })
    bench = await outboxBench(kind, {
      RABBITMQ_URL: url,
      RABBITMQ_QUEUE: queueName,
      WEBHOOK_ERROR_QUEUE_NAME: errorQueueName,
    })
  })

  afterEach(async () => {
    await bench.close()
    await queue.close()
    await forwarder.close()
    for (const name of [queueName, errorQueueName]) await client.queueDelete({ queue: name })
    await client.close()
  })

  describe('events', () => {
    test('arrive in the queue as persistent JSON, without a webhook', async () => {
      const user = await bench.addUser({ events: 'Presence' })
      bench.start({ queue })

      await bench.bus.record(user.id, [numbered('a', 7)])

      const message = await next()
      expect(message.body).toEqual({ type: 'Presence', chat: 'a', number: 7, userID: user.id })
      expect(message).toMatchObject({
        contentType: 'application/json',
        durable: true,
        messageId: expect.stringMatching(/^[0-9a-f]{32}$/),
      })
    })

    test('nobody subscribed to stay away', async () => {
      const user = await bench.addUser({ events: 'Message' })

      await bench.bus.record(user.id, [numbered('a', 1)])

      expect(await countDeliveries(bench.database.db)).toEqual({ pending: 0, dead: 0 })
    })

    test('wait in the database while the broker is away, and arrive in order when it returns', async () => {
      const user = await bench.addUser({})
      bench.start({ queue })
      await expect.poll(() => queue.isReady, patient).toBe(true)
      await forwarder.cut()
      await expect.poll(() => queue.isReady, patient).toBe(false)

      await bench.bus.record(
        user.id,
        [1, 2, 3].map((number) => numbered('a', number)),
      )
      const waiting = await bench.database.db('deliveries').select('state', 'attempt')
      await forwarder.mend()

      const numbers = [await next(), await next(), await next()].map(({ body }) => body.number)
      expect(waiting).toEqual(Array(3).fill({ state: 'pending', attempt: 0 }))
      expect(numbers).toEqual([1, 2, 3])
    })

    test('are published again to a queue that somebody has deleted', async () => {
      const user = await bench.addUser({})
      bench.start({ queue })
      await bench.bus.record(user.id, [numbered('a', 1)])
      await next()
      await client.queueDelete({ queue: queueName })

      await expect(queue.publish(queueName, { id: 'lost', body: '{}' })).rejects.toThrow('has no queue')
      await queue.publish(queueName, { id: 'found', body: '{}' })

      expect((await next()).messageId).toBe('found')
    })

    test('go into a queue that an operator has made in another way', async () => {
      await client.queueDeclare({ queue: queueName, durable: true, arguments: { 'x-max-length': 5 } })
      await expect.poll(() => queue.isReady, patient).toBe(true)

      await queue.publish(queueName, { id: 'one', body: '{"a":1}' })

      expect((await next()).body).toEqual({ a: 1 })
    })
  })

  describe('the error queue', () => {
    let receiver: Receiver

    beforeEach(async () => {
      receiver = await startReceiver()
    })
    afterEach(() => receiver.close())

    test('gets webhook deliveries that were given up', async () => {
      const user = await bench.addUser({ webhook: receiver.url, hmacKey: 'k'.repeat(32) })
      receiver.answer(500, {}, 'broken')
      bench.start({ queue, pausesMs: [20] })

      await bench.bus.record(user.id, [numbered('a', 7)])

      const report = (await next(errorQueueName)).body
      expect(receiver.requests).toHaveLength(2)
      expect(report).toMatchObject({ url: receiver.url, userId: user.id, status: 500, answer: 'broken' })
      expect(JSON.parse(report.payload)).toMatchObject({ number: 7 })
      expect(bench.secrets.decrypt(report.sealedHmacKey)).toBe('k'.repeat(32))
    })

    test('is told again when a delivery is repeated and given up once more', async () => {
      const user = await bench.addUser({ webhook: receiver.url })
      receiver.answer(410)
      bench.start({ queue })
      await bench.bus.record(user.id, [numbered('a', 7)])
      await next(errorQueueName)

      const { db } = bench.database
      const { id } = await db('deliveries').where({ target: 'user' }).first()
      await repeatDelivery(db, { id, destination: `user:${user.id}` })

      expect((await next(errorQueueName)).body).toMatchObject({ status: 410 })
    })
  })
})

test.each([
  ['without a user', { username: '', password: '' }],
  ['with a password alone', { username: '', password: 'guest' }],
])('an address %s logs in as guest', async (_what, named) => {
  const address = Object.assign(new URL(url), named)
  const anonymous = connectQueue({ url: address.href, log: createLogger('silent') })

  await expect.poll(() => anonymous.isReady, patient).toBe(true)

  await anonymous.close()
})
