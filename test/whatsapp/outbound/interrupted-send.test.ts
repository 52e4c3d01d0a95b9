import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { freePort } from '../../helpers/free-port.ts'
import { kill, startServer } from '../../helpers/server-process.ts'
import { call, until, WuzapiClient } from '../../load/client.ts'

const ADMIN_TOKEN = 'interrupted-admin'
const TOKEN = 'interrupted-user'
const CONTACT = '447901000011'
const OWN = '447901000012'

interface Received {
  id: string
  text?: string
  retries: number
}

describe.each(databaseKinds)('a send interrupted by SIGKILL on %s', (kind) => {
  let sandbox: Sandbox
  let database: TemporaryDatabase
  let server: ChildProcess
  let client: WuzapiClient
  let start: () => Promise<ChildProcess>

  beforeAll(async () => {
    sandbox = await startSandbox()
    database = await temporaryDatabase(kind)
    const port = await freePort()
    start = () =>
      startServer({ port, network: sandbox.url, adminToken: ADMIN_TOKEN, database: database.config })
    client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
    server = await start()
    await client.createUser({ name: 'Interrupted', token: TOKEN })
    await client.connect(TOKEN)
    await until('a code', () => client.showsQr(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/scan`, { body: { phone: OWN, name: 'Own' } })
    await until('the session to open', () => client.isLoggedIn(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Contact' } })
  }, 60_000)
  afterAll(async () => {
    await kill(server)
    await sandbox.stop()
    await database.close()
  })

  const send = (text: string, { key = '', id = '' }) =>
    fetch(`${client.base}/chat/send/text`, {
      method: 'POST',
      headers: { token: TOKEN, 'idempotency-key': key },
      body: JSON.stringify({ Phone: CONTACT, Body: text, Id: id }),
    })

  /** The body of a success. */
  const answerOf = async (response: Response) => (await response.json()) as { data: { Id: string } }

  async function received(text: string): Promise<Received[]> {
    const url = `${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`
    const { messages } = await call<{ messages: Received[] }>(url)
    return messages.filter((message) => message.text === text)
  }

  async function restart(): Promise<void> {
    await kill(server)
    sandbox.network.faults.clear()
    server = await start()
    await until('the session to open', () => client.isLoggedIn(TOKEN))
  }

  test.each([
    { text: 'named by its key', key: 'order-1' },
    { text: 'named by its id', id: 'ORDER-2' },
  ])(
    'is the same message when it is repeated: $text',
    async ({ text, ...name }) => {
      sandbox.network.faults.inject({ kind: 'lose-ack' })
      const interrupted = send(text, name).catch(() => 'no answer')
      await until('the message', async () => (await received(text)).length > 0)
      await restart()
      expect(await interrupted).toBe('no answer')

      const repeated = await send(text, name)
      const replayed = await send(text, name)

      const { data } = await answerOf(repeated)
      expect(await received(text)).toMatchObject([{ id: data.Id }])
      expect(repeated.headers.get('idempotent-replayed')).toBeNull()
      expect(replayed.headers.get('idempotent-replayed')).toBe('true')
      expect((await answerOf(replayed)).data).toEqual(data)
    },
    60_000,
  )

  test('is encrypted again for a contact who asks while the server is down', async () => {
    const text = 'damaged on its way'
    const damage = sandbox.network.faults.inject(
      { kind: 'corrupt-message' },
      { account: sandbox.network.findAccount(`${CONTACT}@s.whatsapp.net`) },
    )
    sandbox.network.faults.inject(
      { kind: 'delay', ms: 600_000 },
      { account: sandbox.network.findAccount(`${OWN}@s.whatsapp.net`) },
    )
    const interrupted = send(text, {}).catch(() => 'no answer')
    await until('the damage', async () => damage.hits > 0)

    await restart()

    await until('the second copy', async () => (await received(text)).length > 0)
    expect(await received(text)).toMatchObject([{ retries: 1 }])
    expect(await interrupted).toBe('no answer')
  }, 60_000)
})
