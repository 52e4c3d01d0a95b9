import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kill, terminate } from '../helpers/server-process.ts'
import { call, until } from '../load/client.ts'
import { ADMIN_TOKEN, type ClusterProcess, ProcessCluster } from './nodes.ts'

const CONTACT = '447903000001'
const USERS = ['eve', 'fay']

describe('two workers behind one port', () => {
  let cluster: ProcessCluster
  let node: ClusterProcess

  beforeAll(async () => {
    // The network is inside the process that starts the workers.
    cluster = await ProcessCluster.start([])
    node = await cluster.add('w', { WORKERS: '2', WHATSAPP_NETWORK: 'sandbox' })
    // The first worker answers before the second one starts.
    await until('both workers to run', async () => (await states()).length === 2)
    await control('/contacts', { phone: CONTACT, name: 'Contact' })
    for (const [index, token] of USERS.entries()) await link(token, `44790300010${index}`)
  }, 300_000)
  afterAll(async () => {
    await cluster.close()
  })

  const control = <Answer>(path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call<Answer>(`${node.url}/sandbox${path}`, { headers: { authorization: ADMIN_TOKEN, ...headers }, body })

  async function states(): Promise<string[]> {
    const { nodes } = await call<{ nodes: { id: string; state: string }[] }>(`${node.url}/parley/nodes`, {
      headers: { authorization: ADMIN_TOKEN },
    })
    return nodes.map(({ id, state }) => `${id} ${state}`)
  }

  async function link(token: string, phone: string): Promise<void> {
    await cluster.admin('/admin/users', { name: token, token, events: '' })
    await node.client.connect(token)
    await until('a code', () => node.client.showsQr(token))
    await control('/scan', { phone }, { token })
    await until('the session to open', () => node.client.isLoggedIn(token))
  }

  test('answer for the sessions of both', async () => {
    // Each connection goes to the worker whose turn it is.
    for (const n of [1, 2, 3, 4])
      for (const token of USERS) await node.client.sendText(token, CONTACT, `${token} ${n}`)

    const { messages } = await control<{ messages: unknown[] }>(`/contacts/${CONTACT}/messages`)
    expect(await states()).toEqual(['w-1 running', 'w-2 running'])
    expect(messages).toHaveLength(8)
  })

  test('stop together, and answer what they have taken', async () => {
    const asked = Promise.all(USERS.map((token) => node.client.sendText(token, CONTACT, 'the last one')))
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 20))])

    expect(await terminate(node.process)).toBe(0)
    await asked
  }, 60_000)
})

test('workers whose parent was killed finish what they do and sign off', async () => {
  const cluster = await ProcessCluster.start([])
  const node = await cluster.add('o', { WORKERS: '2' })
  const registered = () => cluster.database.db('nodes').pluck('id')
  await until('both workers to run', async () => (await registered()).length === 2)
  await cluster.contact(CONTACT)
  const id = await cluster.link(node, 'gil', '447903000109')

  await kill(node.process)

  await until('both to sign off', async () => (await registered()).length === 0)
  expect(await cluster.ownerOf(id)).toBeNull()
  await cluster.close()
}, 120_000)

test('workers are refused where they could not share the sessions', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: { ...process.env, WORKERS: '2', DATA_DIR: dataDir, DATABASE_URL: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })

  const said = await output(child)

  expect(said).toBe(
    'Parley could not start: WORKERS needs a database that several processes can share: set DATABASE_URL, or WORKERS=1 for SQLite\n',
  )
  expect(child.exitCode).toBe(1)
}, 60_000)

async function output(child: ChildProcess): Promise<string> {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += chunk
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text
}
