import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { type DatabaseKind, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { brokerUrl } from '../helpers/rabbitmq.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { type StrangePeer, startStrangePeer, strangenesses } from '../helpers/strange-peer.ts'
import { call } from '../load/client.ts'

const CONTACT = '447902000001'
/** A session that lost its connection several times waits for up to a minute before it tries once more. */
const WAIT_MS = 120_000

let sandbox: Sandbox
let database: TemporaryDatabase
let postgres: Forwarder
let broker: Forwarder
let network: Forwarder
let receiver: Receiver
let app: TestApp
let calm: LinkedUser

/** What nothing caught: each would end a server, were there not one last net. */
let stray: unknown[]
const noteStray = (error: unknown) => stray.push(error)

beforeEach(() => {
  stray = []
  process.on('uncaughtExceptionMonitor', noteStray).on('unhandledRejection', noteStray)
})
afterEach(() => {
  process.off('uncaughtExceptionMonitor', noteStray).off('unhandledRejection', noteStray)
})

/** A port in front of what the address names, and the address that leads through it. */
async function inFrontOf(address: string): Promise<{ forwarder: Forwarder; url: string }> {
  const url = new URL(address)
  const forwarder = await startForwarder({ host: url.hostname, port: Number(url.port) })
  url.port = String(forwarder.port)
  return { forwarder, url: url.href }
}

/** A server with a linked user, whose database, broker and network are all reached through forwarders. */
async function start(kind: DatabaseKind, prepare: () => void = () => {}): Promise<void> {
  sandbox = await startSandbox()
  receiver = await startReceiver({ timeoutMs: WAIT_MS })
  database = await temporaryDatabase(kind)
  const toDatabase = await inFrontOf(database.config.databaseUrl ?? 'postgres://127.0.0.1:5432')
  const toBroker = await inFrontOf(await brokerUrl())
  const toNetwork = await inFrontOf(sandbox.url)
  ;[postgres, broker, network] = [toDatabase.forwarder, toBroker.forwarder, toNetwork.forwarder]
  prepare()
  app = await TestApp.start({
    reuse: { ...database.config, databaseUrl: database.config.databaseUrl && toDatabase.url },
    env: {
      WHATSAPP_NETWORK: toNetwork.url,
      RABBITMQ_URL: toBroker.url,
      RABBITMQ_QUEUE: `parley-test-${crypto.randomUUID()}`,
      MEDIA_ALLOWED_NETWORKS: 'any',
    },
  })
  await app.contact(CONTACT)
  calm = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
}

async function stop(): Promise<void> {
  await app.stop()
  await receiver.close()
  for (const forwarder of [postgres, broker, network]) await forwarder.close()
  await sandbox.stop()
  await database.close()
}

/** A message of the contact, sent past the forwarders. */
function contactSends(to: string, text: string): Promise<unknown> {
  return call(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/send`, { body: { to, text } })
}

/** Resolves when the calm user has been told of a message. */
async function hears(text: string): Promise<void> {
  await contactSends(calm.phone, text)
  const isThere = () =>
    receiver.requests.some(({ body }) => decodeURIComponent(body.replaceAll('+', ' ')).includes(`"${text}"`))
  await app.waitFor(`"${text}" at the receiver`, isThere, WAIT_MS)
}

describe('a server whose broker is a web server from the start', () => {
  let peer: StrangePeer

  beforeAll(() => start('sqlite', () => broker.impersonate('speaks HTTP')), 120_000)
  afterAll(stop, 60_000)
  afterEach(() => peer.close())

  /** Calls the server as a user; how it is answered makes no difference. */
  const attempt = (token: string, path: string, body: unknown) =>
    void app.post(path, token, body).catch(() => {})

  test.each(strangenesses)(
    'goes on when whatever else a user names %s',
    async (strangeness) => {
      peer = await startStrangePeer(strangeness)
      broker.impersonate(strangeness)
      const address = `127.0.0.1:${peer.port}`
      const odd = await app.linkedUser({ webhook: `http://${address}`, events: 'Message' })

      // A bucket, files, a webhook and proxies.
      await app.post('/session/s3/config', odd.token, {
        enabled: true,
        endpoint: `http://${address}`,
        region: 'us-east-1',
        bucket: 'media',
        access_key: 'key',
        secret_key: 'secret',
        path_style: true,
        media_delivery: 's3',
      })
      attempt(odd.token, '/session/s3/test', {})
      for (const scheme of ['http', 'https'])
        attempt(odd.token, '/chat/send/image', { Phone: CONTACT, Image: `${scheme}://${address}/a.jpg` })
      await contactSends(odd.phone, 'hello')
      for (const scheme of ['http', 'https', 'socks5']) {
        const { token } = await app.createUser({ webhook: `http://${address}` })
        await app.post('/session/proxy', token, { proxy_url: `${scheme}://${address}`, enable: true })
        attempt(token, '/session/connect', { Immediate: true })
      }
      await app.waitFor('everybody at the peer', () => peer.visits >= 7, WAIT_MS)
      await app.waitFor('the server at the broker', () => broker.impersonated > 1, WAIT_MS)

      await hears(`served although somebody ${strangeness}`)
      expect(stray).toEqual([])
    },
    400_000,
  )
})

describe('a server whose database, broker and network were good', () => {
  beforeAll(() => start('postgres'), 120_000)
  afterAll(stop, 60_000)

  const isReady = async () => (await app.request('GET', '/health/ready')).status === 200

  test.each(strangenesses)(
    'asks broker and network again when what answers in their places %s, and goes on afterwards',
    async (strangeness) => {
      // A session that was told to connect begins with short pauses.
      await app.post('/session/disconnect', calm.token)
      for (const place of [broker, network]) place.impersonate(strangeness)
      await app.post('/session/connect', calm.token, { Immediate: true })
      for (const place of [broker, network])
        await app.waitFor('more than one attempt', () => place.impersonated > 1, WAIT_MS)
      expect(await isReady()).toBe(true)
      for (const place of [broker, network]) place.impersonate(undefined)

      await hears(`after a network that ${strangeness}`)
      expect(stray).toEqual([])
    },
    400_000,
  )

  test.each(strangenesses)(
    'is not ready while what answers in the place of the database %s, and goes on afterwards',
    async (strangeness) => {
      postgres.impersonate(strangeness)
      await app.waitFor('the server to say so', async () => !(await isReady()), WAIT_MS)
      await app.waitFor('more than one attempt', () => postgres.impersonated > 1, WAIT_MS)
      postgres.impersonate(undefined)

      await app.waitFor('the server to be ready', isReady, WAIT_MS)
      await hears(`after a database that ${strangeness}`)
      expect(stray).toEqual([])
    },
    400_000,
  )
})
