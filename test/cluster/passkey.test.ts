import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { kill, startServer } from '../helpers/server-process.ts'
import { until } from '../load/client.ts'

/** Whatever a server answers: the test looks into it freely. */
type Json = ReturnType<typeof JSON.parse>

const ADMIN_TOKEN = 'cluster-admin'
const TOKEN = 'the-owner-of-the-passkey'
const PHONE = '447900377001'

let sandbox: Sandbox
let database: TemporaryDatabase
let output = ''
const nodes = new Map<string, { base: string; child: ChildProcess }>()

beforeAll(async () => {
  sandbox = await startSandbox()
  database = await temporaryDatabase('postgres')
  for (const name of ['first', 'second']) {
    const port = await freePort()
    const child = await startServer({
      port,
      network: sandbox.url,
      adminToken: ADMIN_TOKEN,
      database: database.config,
      env: { NODE_ID: name, LOG_LEVEL: 'trace', PASSKEY_CONFIRM: 'ask' },
      onOutput: (text) => {
        output += text
      },
    })
    nodes.set(name, { base: `http://127.0.0.1:${port}`, child })
  }
}, 180_000)

afterAll(async () => {
  await Promise.all([...nodes.values()].map(({ child }) => kill(child)))
  await sandbox.stop()
  await database.close()
})

async function call(url: string, headers: Record<string, string>, body?: unknown): Promise<Json> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`)
  return answer
}

test('a linking with a passkey is led through the node that does not run it, and no log tells of its secrets', async () => {
  const { base: anywhere } = nodes.get('first') ?? { base: '' }
  const owner = { Token: TOKEN }
  const control = `${sandbox.controlUrl}/sandbox`
  await call(`${anywhere}/admin/users`, { Authorization: ADMIN_TOKEN }, { name: 'Owner', token: TOKEN })
  await call(`${control}/accounts/${PHONE}`, {}, { passkey: true })
  await call(`${anywhere}/session/connect`, owner, { Immediate: true })
  const running = () => database.db('users').whereNotNull('owner').first('owner')
  await until('an owner', async () => (await running()) !== undefined)
  const { owner: runs } = await running()
  const other = [...nodes].find(([name]) => name !== runs)?.[1].base ?? ''

  const typed = await call(`${other}/session/pairphone`, owner, { Phone: PHONE })
  await call(`${control}/pair-code`, {}, { phone: PHONE, code: typed.data.LinkingCode })
  await until('the question', async () => (await call(`${other}/session/status`, owner)).data.passkeyPending)
  const { publicKey, passkeyPage } = (await call(`${other}/session/status`, owner)).data
  const key = passkeyPage.replace('/link/#', '')
  const page = { 'Linking-Key': key }
  expect(await call(`${other}/link/state`, page)).toMatchObject({ stage: 'required', publicKey })
  const answer = await call(`${control}/accounts/${PHONE}/assert`, {}, { options: publicKey })
  await call(`${other}/link/response`, page, answer)
  await until('the code', async () => (await call(`${other}/link/state`, page)).code !== '')
  const { code } = await call(`${other}/link/state`, page)
  await call(`${other}/link/confirm`, page, {})
  await until('the link', async () => (await call(`${other}/link/state`, page)).stage === 'linked')

  expect(output).toContain('"path":"/link/state"')
  const secrets: Record<string, string> = { key, code, challenge: publicKey.challenge, ...answer.response }
  const told = Object.entries(secrets).filter(([, secret]) => secret && output.includes(secret))
  expect(told).toEqual([])
}, 120_000)
