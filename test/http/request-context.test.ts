import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { internalListener } from '../../src/cluster/internal.ts'
import { type Owner, singleNode } from '../../src/cluster/ownership.ts'
import { RequestBarrier } from '../../src/cluster/request-barrier.ts'
import { startForwarding } from '../../src/http/proxy/route-to-owner.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { currentRequest, forThisRequest, inRequest } from '../../src/lib/process/request-context.ts'
import { echo, tinyApp, tinyDialect } from './tiny.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task()
})

/** A log whose lines are kept. */
function memoryLog() {
  const lines: Record<string, unknown>[] = []
  return { lines, log: createLogger('debug', { write: (line) => lines.push(JSON.parse(line)) }) }
}

test('what happens on behalf of a request is logged with its id, also later', async () => {
  const { lines, log } = memoryLog()

  log.info('before')
  await inRequest('one', async () => {
    log.info('at once')
    await Promise.resolve()
    log.child({ session: 's' }).info('later')
  })
  log.info('after')

  expect(lines.map(({ request }) => request)).toEqual([undefined, 'one', 'one', undefined])
})

test('a request is taken along where every context is left behind', () => {
  const taken = inRequest('one', () => forThisRequest(currentRequest))

  expect(taken()).toBe('one')
  expect(forThisRequest(currentRequest)()).toBeUndefined()
})

test('a request that is passed on has one id on both nodes', async () => {
  const first = memoryLog()
  const second: Record<string, unknown>[] = []
  const served: (string | undefined)[] = []
  const dialect = tinyDialect([echo(z.unknown(), { run: async () => served.push(currentRequest()) })], [])
  const secret = 'shared'
  const owner = tinyApp(dialect, { onLog: (line) => second.push(JSON.parse(line)) })
  const internal = await started(internalListener(owner, { secret, pages: {} }))
  const elsewhere: Owner = {
    kind: 'elsewhere',
    nodeId: 'b',
    address: `http://127.0.0.1:${internal.port}`,
  }
  const ownership = { ...singleNode(), isShared: true, ownerOf: async () => elsewhere }
  const forwarding = startForwarding({
    ownership,
    barrier: new RequestBarrier(),
    addressOf: async () => undefined,
    secret,
    log: first.log,
  })
  cleanUp.push(() => forwarding.stop())
  const asked = await started(
    tinyApp(dialect, {
      forward: forwarding.forward,
      onLog: (line) => first.lines.push(JSON.parse(line)),
    }),
  )

  const answer = await fetch(`http://127.0.0.1:${asked.port}/echo`, {
    method: 'POST',
    headers: { Token: 'ann', 'Parley-Node-Request': 'forged' },
    body: '{}',
  })

  const id = answer.headers.get('request-id')
  expect(answer.status).toBe(200)
  expect(served).toEqual([id])
  await expect.poll(() => [...first.lines, ...second].filter(({ msg }) => msg === 'request')).toHaveLength(2)
  expect([first.lines, second].map((lines) => lines.at(-1)?.req)).toEqual([
    expect.objectContaining({ id }),
    expect.objectContaining({ id }),
  ])
})

async function started(app: Parameters<typeof listen>[0]): Promise<Listening> {
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  cleanUp.push(() => listening.stop(100))
  return listening
}

test('the lines of a session name the request that caused them, and only that', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }))
  const server = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      WHATSAPP_NETWORK: 'sandbox',
      ADMIN_TOKEN: 'admin',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUp.push(async () => {
    server.kill()
    await once(server, 'exit')
  })
  const lines: Record<string, unknown>[] = []
  createInterface({ input: server.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line))
  })
  const listening = () => lines.find(({ msg }) => msg === 'listening')
  await expect.poll(listening, { timeout: 20_000 }).toBeTruthy()
  const url = `http://127.0.0.1:${listening()?.port}`
  await fetch(`${url}/admin/users`, {
    method: 'POST',
    headers: { Authorization: 'admin' },
    body: JSON.stringify({ name: 'a', token: 'user-token' }),
  })

  const answer = await fetch(`${url}/session/connect`, {
    method: 'POST',
    headers: { Token: 'user-token' },
    body: '{"Immediate":true}',
  })

  const changes = () => lines.filter(({ msg }) => msg === 'session state')
  await expect.poll(() => changes().map(({ to }) => to)).toEqual(['queued', 'connecting', 'pairing'])
  const id = answer.headers.get('request-id')
  expect(changes().map(({ request }) => request)).toEqual([id, id, undefined])
})
