import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { kill, startServer } from '../helpers/server-process.ts'
import { call, until, WuzapiClient } from '../load/client.ts'

const ADMIN_TOKEN = 'calls-admin'
const TOKEN = 'calls-user'
const CALLER = '447901000011'
const OWN = '447901000012'
const SECRET_TAGS = ['key', 'hbh_key', 'token', 'auth_token']

let sandbox: Sandbox
let database: TemporaryDatabase
let receiver: Receiver
let states: Receiver
let server: ChildProcess
let client: WuzapiClient
let start: () => Promise<ChildProcess>
let output = ''

beforeAll(async () => {
  sandbox = await startSandbox()
  database = await temporaryDatabase('sqlite')
  receiver = await startReceiver({ timeoutMs: 60_000 })
  states = await startReceiver({ timeoutMs: 60_000 })
  const port = await freePort()
  start = () =>
    startServer({
      port,
      network: sandbox.url,
      adminToken: ADMIN_TOKEN,
      database: database.config,
      env: { CALLS: 'on', LOG_LEVEL: 'trace' },
      onOutput: (text) => {
        output += text
      },
    })
  client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  server = await start()
  await client.createUser({ name: 'Calls', token: TOKEN, webhook: receiver.url, events: 'All' })
  await call(`${client.base}/wago/webhook`, { headers: { token: TOKEN }, body: { WebhookURL: states.url } })
  await client.connect(TOKEN)
  await until('a code', () => client.showsQr(TOKEN))
  await call(`${sandbox.controlUrl}/sandbox/scan`, { body: { phone: OWN, name: 'Own' } })
  await until('the session to open', () => client.isLoggedIn(TOKEN))
  await call(`${sandbox.controlUrl}/sandbox/contacts`, { body: { phone: CALLER, name: 'Caller' } })
})

afterAll(async () => {
  await kill(server)
  await receiver.close()
  await states.close()
  await sandbox.stop()
  await database.close()
})

/** States of calls as they were told. */
function told(id: string): string[] {
  return states.requests.flatMap(({ event }) => {
    const { type, event: state } = event as {
      type?: string
      event?: { callID?: string; state?: string; reason?: string }
    }
    if (type !== 'CallState' || state?.callID !== id) return []
    return [state.reason ? `${state.state} ${state.reason}` : `${state.state}`]
  })
}

/** What opens the call, as the service gave it to the server. */
function secretsOf(id: string): Buffer[] {
  const [offer] = sandbox.server.stanzas.list(
    ({ direction, stanza }) =>
      direction === 'to-client' && stanza.tag === 'call' && stepOf(stanza)?.attrs['call-id'] === id,
  )
  const block = childrenOf(stepOf(offer?.stanza)).find(({ tag }) => tag === 'relay')
  return childrenOf(block).flatMap(({ tag, content }) =>
    SECRET_TAGS.includes(tag) && content && !Array.isArray(content) ? [Buffer.from(content)] : [],
  )
}

function stepOf(stanza: BinaryNode | undefined): BinaryNode | undefined {
  return childrenOf(stanza)[0]
}

function childrenOf(node: BinaryNode | undefined): BinaryNode[] {
  return Array.isArray(node?.content) ? node.content : []
}

/** As texts, JSON, and log lines would write bytes. */
function formsOf(bytes: Buffer): string[] {
  return [bytes.toString('latin1'), bytes.toString('base64'), bytes.toString('hex'), [...bytes].join(',')]
}

test('a call that rang when the server was killed is ended when it is back, and its secrets are nowhere', async () => {
  const { callId } = await call<{ callId: string }>(`${sandbox.controlUrl}/sandbox/contacts/${CALLER}/call`, {
    body: { to: OWN },
  })
  await until('the call to ring', async () => told(callId).includes('ringing'))
  const offer = await receiver.next('CallOffer')
  const secrets = secretsOf(callId)

  await kill(server)
  const files = await filesIn(database.config.dataDir)
  server = await start()
  await until('the end of the call', async () => told(callId).includes('ended connection_lost'))

  // What was told in the moment of the kill is told again.
  expect([...new Set(told(callId))]).toEqual(['ringing', 'ended connection_lost'])
  expect(secrets).toHaveLength(SECRET_TAGS.length)
  expect(offer.body).toContain('hbh_key')
  expect(output).toContain('call state')
  const places = {
    webhooks: [...receiver.requests, ...states.requests].map(({ body }) => body).join('\n'),
    files: files.map((bytes) => bytes.toString('latin1')).join('\n'),
    output,
  }
  for (const [place, text] of Object.entries(places))
    for (const form of secrets.flatMap(formsOf)) expect(text.includes(form), place).toBe(false)
})

async function filesIn(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))))
}
