import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects, operators } from '../../src/dialects/index.ts'
import { openApiPath } from '../../src/http/server/openapi.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const signingKey = 'canary-signing-key-2e4d-0123456789'

/** Secrets that occur nowhere else: wherever one is found, it leaked. */
const canaries = {
  adminToken: 'canary-admin-token-8d1f',
  encryptionKey: 'canary-encryption-key-51c2',
  formerKey: 'canary-former-key-a0b4',
  databasePassword: 'canary-database-password-90ff',
  apiKey: 'canary-api-key-63e7',
  metricsToken: 'canary-metrics-token-c4d8',
  globalHmac: 'canary-global-hmac-key-0123456789abcdef',
  token: 'canary-user-token-77ab',
  newToken: 'canary-new-token-1b2c',
  hmac: 'canary-user-hmac-key-0123456789abcdef',
  signingKey,
  webhookSecret: `whsec_${Buffer.from(signingKey).toString('base64')}`,
  accessKey: 'canary-s3-access-key-33aa',
  secretKey: 'canary-s3-secret-key-44bb',
  proxyPassword: 'canary-proxy-password-55cc',
  hookPassword: 'canary-hook-password-66dd',
  hookQuery: 'canary-hook-query-99ee',
  text: 'canary-message-text-12ff',
}
/** Also as forms, headers and JSON in base64 would write them. */
const forms = Object.values(canaries).flatMap((canary) => [
  canary,
  ...[0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + canary)
      .toString('base64')
      .slice(4, -4),
  ),
])

/** Where secrets are kept, and where they could end by mistake. */
const tables = [
  'users',
  'auth',
  'events',
  'deliveries',
  'attempts',
  'inbox',
  'messages',
  'webhook_secrets',
  'webhooks',
  'repeatable_requests',
]

interface Answered {
  request: string
  status: number
  text: string
}

let database: TemporaryDatabase
let child: ChildProcess
let receiver: Receiver
let others: Receiver
let base = ''
let output = ''
const answers: Answered[] = []

describe.each(databaseKinds)('on %s', (kind) => {
  beforeAll(async () => {
    database = await temporaryDatabase(kind)
    output = ''
    answers.length = 0
    receiver = await startReceiver()
    others = await startReceiver()
    child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: '0',
        DATA_DIR: database.config.dataDir,
        DATABASE_URL: withPassword(database.config.databaseUrl),
        DB_PASSWORD: canaries.databasePassword,
        WHATSAPP_NETWORK: 'sandbox',
        LOG_LEVEL: 'trace',
        AUTH_FAILURES_PER_MINUTE: '0',
        WEBHOOK_RETRY_COUNT: '1',
        ADMIN_TOKEN: canaries.adminToken,
        ENCRYPTION_KEY: canaries.encryptionKey,
        ENCRYPTION_KEY_PREVIOUS: canaries.formerKey,
        GLOBAL_HMAC_KEY: canaries.globalHmac,
        API_KEY: canaries.apiKey,
        METRICS_TOKEN: canaries.metricsToken,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk
      })
    await until('the server to start', () => /http:\/\/127\.0\.0\.1:\d+/.test(output))
    base = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? ''
    await useEverything()
  }, 180_000)

  afterAll(async () => {
    if (child?.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await receiver?.close()
    await others?.close()
    await database?.close()
  })

  test.each(['POST /parley/me/secret', 'POST /wago-api/client/sendMessage/Owner', 'GET /metrics'])(
    '%s was answered to who has its secret',
    (asked) => {
      const statuses = answers.filter(({ request }) => request === asked).map(({ status }) => status)

      expect(statuses).toContain(200)
    },
  )

  test('the output says something, at the most talkative level', () => {
    expect(output).toContain('"path":"/session/status"')
    expect(output).toContain('"level":20')
  })

  test('no secret and no message text is in the log', () => {
    const lines = output.split('\n').filter((line) => forms.some((form) => line.includes(form)))

    expect(lines).toEqual([])
  })

  test('no secret is in the answer to a request that failed', () => {
    const failures = answers.filter(({ status }) => status >= 400)

    expect(failures.length).toBeGreaterThan(50)
    expect(failures.filter(leaks)).toEqual([])
  })

  test('no secret is in what needs no token, and none in the log of deliveries', () => {
    const open = answers.filter(({ request }) =>
      /(health|metrics|parley\.json|openapi\.json|\/deliveries)/.test(request),
    )

    expect(open.length).toBeGreaterThan(3)
    // The log of deliveries shows what was written, which nobody but a message itself says.
    const told = (request: string) => (request.includes('/deliveries') ? canaries.text : '')
    const found = open.flatMap(({ request, text }) =>
      forms.filter((form) => form !== told(request) && text.includes(form)),
    )
    expect(found).toEqual([])
  })

  test("no secret of a user is in another user's webhooks", () => {
    expect(others.requests.length).toBeGreaterThan(0)
    const sent = others.requests.map(({ body, headers }) => body + JSON.stringify(headers)).join()
    // The text was a message to that user.
    const found = forms.filter((form) => sent.includes(form) && form !== canaries.text)
    expect(found).toEqual([])
  })

  test('no secret is in the database as it lies on the disk', async () => {
    const encrypted = Object.entries(canaries).filter(([name]) => !/^(hook|text)/.test(name))
    for (const table of tables) {
      const rows = JSON.stringify(await database.db(table))
      expect(
        encrypted.filter(([, canary]) => rows.includes(canary)).map(([name]) => name),
        table,
      ).toEqual([])
    }
  })
})

test('no password is told of a database that cannot be reached', async () => {
  let said = ''
  const failing = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: {
      ...process.env,
      LOG_LEVEL: 'trace',
      ADMIN_TOKEN: canaries.adminToken,
      ENCRYPTION_KEY: canaries.encryptionKey,
      DATABASE_URL: withPassword('postgres://parley@127.0.0.1:1/parley'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [failing.stdout, failing.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk
    })

  const [code] = await once(failing, 'close')

  expect(code).toBe(1)
  expect(said).toContain('Parley could not start')
  expect(forms.filter((form) => said.includes(form))).toEqual([])
}, 60_000)

/** Plants the secrets, then calls every endpoint with several bodies, as owner, as stranger and as nobody. */
async function useEverything(): Promise<void> {
  const admin = { Authorization: canaries.adminToken }
  const hook = new URL(receiver.url)
  hook.username = 'user'
  hook.password = canaries.hookPassword
  hook.searchParams.set('key', canaries.hookQuery)
  // A receiver that repeats what it was sent: the log of deliveries keeps its answer.
  receiver.answer(
    500,
    {},
    [canaries.token, canaries.hmac, canaries.webhookSecret, canaries.hookPassword, canaries.hookQuery].join(
      ' ',
    ),
  )
  const owner = { Token: canaries.token }
  const stranger = { Token: 'a-stranger' }

  await call('POST', '/admin/users', admin, {
    name: 'Owner',
    token: canaries.token,
    webhook: hook.href,
    events: 'All',
    hmacKey: canaries.hmac,
    s3Config: {
      enabled: true,
      endpoint: 'http://127.0.0.1:1',
      bucket: 'b',
      region: 'r',
      accessKey: canaries.accessKey,
      secretKey: canaries.secretKey,
    },
  })
  await call('POST', '/parley/me/secret', owner, { secret: canaries.webhookSecret })
  await call('POST', '/admin/users', admin, {
    name: 'Stranger',
    token: 'a-stranger',
    webhook: others.url,
    events: 'All',
  })
  for (const [headers, phone] of [
    [owner, '4477009111001'],
    [stranger, '4477009111002'],
  ] as const) {
    await call('POST', '/session/connect', headers, { Immediate: true })
    await until('a QR code', async () =>
      (await call('GET', '/session/qr', headers)).text.includes('data:image'),
    )
    await call('POST', '/sandbox/scan', admin, { phone, name: 'Phone' })
    await until('the link', async () =>
      /"loggedIn":true/i.test((await call('GET', '/session/status', headers)).text),
    )
  }
  await call('POST', '/chat/send/text', owner, { Phone: '4477009111002', Body: canaries.text })
  await call('POST', '/session/s3/test', owner)
  const keeper = { 'X-Api-Key': canaries.apiKey }
  await call('GET', '/wago-api/session/getSessions', keeper)
  await call('POST', '/wago-api/client/sendMessage/Owner', keeper, {
    chatId: '4477009111002',
    text: canaries.text,
  })
  const users = await call('GET', '/admin/users', admin)
  const ids: string[] = JSON.parse(users.text).data.map(({ id }: { id: string }) => id)
  for (const id of ids) await call('POST', `/parley/users/${id}/test-event`, admin)
  await receiver.attempts(1)
  await others.attempts(1)

  for (const { name, groups } of [...dialects, operators.dialect])
    for (const { endpoints } of groups)
      for (const { method, path } of endpoints) await tryOut(`/${name}`, method.toUpperCase(), path)

  await call('POST', '/session/proxy', owner, {
    enable: true,
    proxy_url: `http://user:${canaries.proxyPassword}@127.0.0.1:1`,
  })
  await call('POST', '/session/connect', owner, { Immediate: true })
  for (const open of ['/health', '/parley.json', '/api/openapi.json', '/metrics']) await call('GET', open, {})
  for (const token of [canaries.metricsToken, canaries.adminToken, canaries.apiKey])
    await call('GET', '/metrics', { Authorization: `Bearer ${token}` })
  await call('GET', '/parley/deliveries', admin)
}

async function tryOut(base: string, method: string, path: string): Promise<void> {
  // What would end the sessions that the other calls need comes last in real life too.
  if (/logout|disconnect|delete/i.test(path) || method === 'DELETE') return
  const at = `${base.replace(/\/$/, '')}${openApiPath(path).replace(/\{\w+\}/g, 'nobody')}`
  const bodies =
    method === 'GET'
      ? [undefined]
      : ['{"Phone":', '{}', JSON.stringify({ Phone: 'x', token: canaries.token, url: canaries.token })]
  await Promise.all(
    bodies.flatMap((body) => [
      call(method, `${at}?token=${canaries.newToken}&key=${canaries.secretKey}`, {}, body),
      call(method, at, { Token: 'wrong', Authorization: `Bearer ${canaries.adminToken}` }, body),
      call(method, `${at}?key=${canaries.secretKey}`, { Token: 'a-stranger' }, body),
      call(method, `${at}?api_key=${canaries.apiKey}`, { 'X-Api-Key': canaries.metricsToken }, body),
      call(method, at, { 'X-Api-Key': 'a-stranger' }, body),
    ]),
  )
}

async function call(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answered> {
  const response = await fetch(base + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answered = { request: `${method} ${path}`, status: response.status, text: await response.text() }
  answers.push(answered)
  return answered
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await look()); await delay(20))
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
}

function leaks({ text }: Answered): boolean {
  return forms.some((form) => text.includes(form))
}

/** A server that trusts everybody, like that of the tests, does not look at it. */
function withPassword(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return ''
  const address = new URL(databaseUrl)
  address.password ||= canaries.databasePassword
  return address.href
}
