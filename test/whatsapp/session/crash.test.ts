import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { freePort } from '../../helpers/free-port.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { kill, startServer } from '../../helpers/server-process.ts'
import { call, until, WuzapiClient } from '../../load/client.ts'

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
  let start: () => Promise<ChildProcess>

  beforeAll(async () => {
    sandbox = await startSandbox()
    database = await temporaryDatabase(kind)
    receiver = await startReceiver({ timeoutMs: 60_000 })
    const port = await freePort()
    start = () =>
      startServer({ port, network: sandbox.url, adminToken: ADMIN_TOKEN, database: database.config })
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
})
