import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectQueue, type MessageQueue } from '../../src/delivery/amqp.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { brokerUrl } from '../helpers/rabbitmq.ts'
import { startStrangePeer, strangenesses } from '../helpers/strange-peer.ts'

const patient = { timeout: 30_000 }

/** Errors that nothing caught: each would end a server. */
let stray: Error[]
let lines: { level: number; msg: string; err?: { code?: string } }[]
let queue: MessageQueue

const noteStray = (error: Error) => stray.push(error)
const reasons = () => lines.flatMap(({ err }) => err?.code ?? [])

function connect(url: string): MessageQueue {
  // A broker that says nothing is given up after ten seconds otherwise.
  const address = new URL(url)
  address.searchParams.set('connection_timeout', '1000')
  const log = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) })
  return connectQueue({ url: address.href, log })
}

beforeEach(() => {
  stray = []
  lines = []
  process.on('uncaughtExceptionMonitor', noteStray)
})
afterEach(async () => {
  process.off('uncaughtExceptionMonitor', noteStray)
  await queue.close()
})

describe.each(strangenesses)('what answers in the place of a broker and %s', (strangeness) => {
  const reason = {
    'closes at once': 'CONN_CLOSE',
    'is silent': 'CONNECTION_TIMEOUT',
    'speaks HTTP': 'NOT_A_BROKER',
    'sends noise': 'NOT_A_BROKER',
  }[strangeness]

  test('is named in the log once, and asked again', async () => {
    const peer = await startStrangePeer(strangeness)
    queue = connect(`amqp://127.0.0.1:${peer.port}`)

    await expect.poll(() => peer.visits, patient).toBeGreaterThan(2)

    expect(reasons()).toEqual([reason])
    expect(stray).toEqual([])
    await expect(queue.publish('any', { id: 'a', body: '{}' })).rejects.toThrow('not connected')
    await peer.close()
  })

  test('is told apart from a broker that was there before, and is there again afterwards', async () => {
    const { forwarder, url } = await inFrontOfBroker()
    queue = connect(url)
    await expect.poll(() => queue.isReady, patient).toBe(true)

    forwarder.impersonate(strangeness)
    await expect.poll(() => forwarder.impersonated, patient).toBeGreaterThan(1)
    expect(queue.isReady).toBe(false)
    expect(reasons()).toContain(reason)
    forwarder.impersonate(undefined)

    await expect.poll(() => queue.isReady, patient).toBe(true)
    expect(stray).toEqual([])
    await forwarder.close()
  })
})

describe('a broker', () => {
  let forwarder: Forwarder

  beforeEach(async () => {
    const inFront = await inFrontOfBroker()
    forwarder = inFront.forwarder
    queue = connect(inFront.url)
    await expect.poll(() => queue.isReady, patient).toBe(true)
  })
  afterEach(() => forwarder.close())

  test.each([
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['noise', Buffer.alloc(64, 0xff)],
    ['the beginning of a frame of half a gigabyte', Buffer.from('01000020000000', 'hex')],
  ])('that goes on like %s loses its connection, and gets a new one', async (_name, bytes) => {
    forwarder.say(bytes)

    await expect.poll(reasons, patient).toContain('NOT_A_BROKER')
    await expect.poll(() => queue.isReady, patient).toBe(true)
    expect(stray).toEqual([])
  })

  test('that has fallen silent does not hold up the end of the process', async () => {
    const name = `parley-test-${crypto.randomUUID()}`
    await queue.publish(name, { id: 'a', body: '{}' })
    forwarder.silence()
    const before = performance.now()

    await queue.close()

    expect(performance.now() - before).toBeLessThan(15_000)
  })
})

async function inFrontOfBroker(): Promise<{ forwarder: Forwarder; url: string }> {
  const url = new URL(await brokerUrl())
  const forwarder = await startForwarder({ host: url.hostname, port: Number(url.port) })
  url.port = String(forwarder.port)
  return { forwarder, url: url.href }
}
