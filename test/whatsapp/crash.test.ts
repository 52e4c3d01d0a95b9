import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { call, until, WuzapiClient } from '../load/client.ts'

const ADMIN_TOKEN = 'crash-admin'
const TOKEN = 'crash-user'
const CONTACT = '447901000001'
const OWN = '447901000002'

describe.each(databaseKinds)('a server killed with SIGKILL on %s', (kind) => {
  let sandbox: Sandbox
  let database: TemporaryDatabase
  let receiver: Receiver
  let server: ChildProcess
  let client: WuzapiClient
  let port: number

  beforeAll(async () => {
    sandbox = await startSandbox()
    database = await temporaryDatabase(kind)
    receiver = await startReceiver({ timeoutMs: 60_000 })
    port = await freePort()
    client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
    server = await start()
    await client.createUser({ name: 'Crash', token: TOKEN, webhook: receiver.url, events: 'Message' })
    await client.connect(TOKEN)
    await until('a code', () => client.showsQr(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/scan`, { body: { phone: OWN, name: 'Own' } })
    await until('the session to open', () => client.isLoggedIn(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Contact' } })
  }, 60_000)
  afterAll(async () => {
    await kill(server)
    await receiver.close()
    await sandbox.stop()
    await database.close()
  })

  test('delivers every message that arrived around the kills exactly as it would have', async () => {
    const texts: string[] = []
    for (const round of [1, 2, 3]) {
      const sending = Array.from({ length: 15 }, (_, index) => `round ${round} text ${index}`)
      texts.push(...sending)
      for (const text of sending.slice(0, 8)) await contactSends(text)
      // Some are committed and unsent, some receipted, some on the wire: the kill falls wherever it falls.
      await kill(server)
      for (const text of sending.slice(8)) await contactSends(text)
      server = await start()
    }

    await until(
      'every text at the receiver',
      async () => texts.every((text) => deliveriesOf(text).length > 0),
      60_000,
    )
    for (const text of texts) {
      const ids = new Set(deliveriesOf(text).map(({ headers }) => headers['webhook-id']))
      expect(ids.size, text).toBe(1)
    }
    const firstArrivals = texts.map((text) => deliveriesOf(text)[0]?.at ?? 0)
    expect(firstArrivals).toEqual(firstArrivals.toSorted((a, b) => a - b))
  }, 120_000)

  test('sends again afterwards without a new key exchange failing', async () => {
    await until('the session to open', () => client.isLoggedIn(TOKEN))
    await client.sendText(TOKEN, CONTACT, 'still here')

    await until('the text at the contact', async () => {
      const { messages } = await call<{ messages: { text?: string }[] }>(
        `${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`,
      )
      return messages.some(({ text }) => text === 'still here')
    })
  })

  const deliveriesOf = (text: string) =>
    receiver.requests.filter(
      ({ body, status }) =>
        status === 200 && body.includes(encodeURIComponent(`"${text}"`).replaceAll('%20', '+')),
    )

  function contactSends(text: string): Promise<unknown> {
    return call(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/send`, { body: { to: OWN, text } })
  }

  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: database.config.dataDir,
        DATABASE_URL: database.config.databaseUrl ?? '',
        WHATSAPP_NETWORK: sandbox.url,
        ADMIN_TOKEN,
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await until(
      'the server to answer',
      async () => (await call(`${client.base}/health`)) !== undefined,
      30_000,
    )
    return child
  }
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
