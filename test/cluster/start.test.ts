import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'
import { ADMIN_TOKEN as STDIO_ADMIN_TOKEN, StdioServer } from '../dialects/wuzapi/stdio/stdio-server.ts'
import { terminate } from '../helpers/server-process.ts'
import { until } from '../load/client.ts'
import { ADMIN_TOKEN, ProcessCluster } from './nodes.ts'

const KEY = 'the key of all nodes'
const CONTACT = '447903000201'

let cluster: ProcessCluster
let folder: string
beforeEach(async () => {
  cluster = await ProcessCluster.start([])
  folder = await mkdtemp(join(tmpdir(), 'parley-start-'))
}, 120_000)
afterEach(async () => {
  await cluster.close()
  await rm(folder, { recursive: true, force: true })
})

test('workers have the flags and the certificate of the command line', async () => {
  const { cert: ca, key } = selfSignedCertificate(['127.0.0.1'])
  const [certificate, privateKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await writeFile(certificate, ca)
  await writeFile(privateKey, key)
  const flags = ['-address', '127.0.0.1', '-port', '0', '-datadir', folder, '-admintoken', ADMIN_TOKEN]
  const tls = ['--sslcertificate', certificate, `--sslprivatekey=${privateKey}`]
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...flags, ...tls], {
    env: {
      ...process.env,
      WORKERS: '2',
      DATABASE_URL: cluster.database.config.databaseUrl,
      WHATSAPP_NETWORK: cluster.sandbox.url,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text
  })
  await until('the greeting', async () => printed.includes('Admin token'))
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)\/\n/.exec(printed)?.[1])

  const statuses = await Promise.all(
    Array.from(
      { length: 6 },
      () =>
        new Promise((resolve, reject) => {
          const agent = new Agent({ maxCachedSessions: 0 })
          const headers = { authorization: ADMIN_TOKEN }
          get({ host: '127.0.0.1', port, path: '/admin/users', ca, agent, headers }, (answer) =>
            resolve(answer.resume().statusCode),
          ).on('error', reject)
        }),
    ),
  )

  expect(statuses).toEqual([200, 200, 200, 200, 200, 200])
  expect(await terminate(child)).toBe(0)
}, 120_000)

test('a program at a pipe reaches the sessions of other nodes, and its end is a node less', async () => {
  const node = await cluster.add('a')
  await cluster.contact(CONTACT)
  await cluster.link(node, 'ann', '447903000210')
  const server = StdioServer.start(
    { sandbox: cluster.sandbox, dataDir: folder },
    { env: { DATABASE_URL: cluster.database.config.databaseUrl ?? '', ENCRYPTION_KEY: KEY, NODE_ID: 'b' } },
  )

  const sent = await server.call('chat.send.text', { token: 'ann', Phone: CONTACT, Body: 'through the pipe' })
  expect(sent).toMatchObject({ Details: 'Sent' })
  expect((await cluster.received(CONTACT)).filter(({ text }) => text === 'through the pipe')).toHaveLength(1)
  expect(await server.call('admin.users.list', { adminToken: STDIO_ADMIN_TOKEN })).toHaveLength(1)

  expect(await server.end()).toBe(0)
  await until('the session to be at a node', () => node.client.isLoggedIn('ann'))
}, 180_000)
