import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../../helpers/app.ts'
import { databaseKinds, temporaryDatabase } from '../../helpers/database.ts'
import { startReceiver } from '../../helpers/receiver.ts'
import { API_KEY, BASE, failure, Wago } from './wago.ts'

type Receiver = Awaited<ReturnType<typeof startReceiver>>

describe.each(databaseKinds)('webhooks on %s', (database) => {
  let receiver: Receiver
  let wago: Wago
  beforeAll(async () => {
    receiver = await startReceiver()
    wago = await Wago.start({
      database,
      env: {
        BASE_WEBHOOK_URL: `${receiver.url}?from=parley`,
        MY_SHOP_WEBHOOK_URL: `${receiver.url}/of-the-shop`,
        OTHER_WEBHOOK_URL: 'not an address',
        DISABLED_CALLBACKS: 'presence | chat_archived',
        SET_MESSAGES_AS_SEEN: 'true',
      },
    })
  })
  afterAll(async () => {
    await wago.stop()
    await receiver.close()
  })

  function requests(path: string) {
    return receiver.requests.filter((request) => request.path.startsWith(path))
  }

  test('BASE_WEBHOOK_URL is where events go, its query included', async () => {
    const { path } = await wago.app.waitFor('ready', () => requests('/webhook/main/ready')[0])

    expect(path).toBe('/webhook/main/ready?from=parley')
  })

  test('{SESSIONID}_WEBHOOK_URL replaces it for one session', async () => {
    await wago.get('/session/start/my-shop')

    const { event } = await wago.app.waitFor('qr', () => requests('/webhook/of-the-shop/my-shop/qr')[0])

    expect(event).toMatchObject({ sessionId: 'my-shop', event: 'qr' })
    expect(requests('/webhook/my-shop')).toEqual([])
  })

  test('DISABLED_CALLBACKS are neither delivered nor stored', async () => {
    const chatId = wago.contactJid
    await wago.call('/client/archiveChat/main', { chatId })
    await wago.call('/client/muteChat/main', { chatId })

    await wago.app.waitFor('chat_muted', () => requests('/webhook/main/chat_muted')[0])
    const { db } = wago.app.parley.services
    const stored = await db('events').where({ type: 'appstate.change' }).select('payload')

    expect(requests('/webhook/main/chat_archived')).toEqual([])
    expect(stored.map(({ payload }) => JSON.parse(payload).index[0])).not.toContain('archive')
  })

  test('a failed delivery is repeated after one second', async () => {
    receiver.answerBy(({ path }) =>
      path.startsWith('/webhook/main/message?') && requests('/webhook/main/message?').length === 0
        ? 503
        : 200,
    )
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, { to: wago.user.phone, text: 'again' })

    const attempts = await wago.app.waitFor('two attempts', () => {
      const made = requests('/webhook/main/message?')
      return made.length === 2 ? made : undefined
    })

    const [first, second] = attempts
    const pause = (second?.at ?? 0) - (first?.at ?? 0)
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(pause).toBeGreaterThanOrEqual(790)
    expect(pause).toBeLessThan(3_000)
    receiver.answerBy(() => undefined)
  })

  test('SET_MESSAGES_AS_SEEN marks what comes in as read', async () => {
    const { id } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, {
      to: wago.user.phone,
      text: 'seen?',
    })

    const receipt = await wago.app.waitFor('a read receipt', async () => {
      const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
      return observations.find(
        ({ tag, attrs }: { tag: string; attrs: Record<string, string> }) =>
          tag === 'receipt' && attrs.id === id && attrs.type === 'read',
      )
    })

    expect(receipt.attrs.from).toMatch(/^\d+:\d+@lid$/)
  })
})

test('the log says that AUTO_START_SESSIONS=false is not followed', async () => {
  const database = await temporaryDatabase()
  const server = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: database.config.dataDir,
      WHATSAPP_NETWORK: 'sandbox',
      LOG_LEVEL: 'warn',
      AUTO_START_SESSIONS: 'false',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  server.kill('SIGKILL')
  await once(server, 'exit')
  await database.close()

  expect(JSON.parse(line)).toMatchObject({
    level: 40,
    msg: expect.stringMatching(/^AUTO_START_SESSIONS=false is not followed/),
  })
}, 60_000)

describe('without ENABLE_WEBHOOK', () => {
  test('nothing is delivered or stored', async () => {
    const receiver = await startReceiver()
    const wago = await Wago.start({ env: { BASE_WEBHOOK_URL: receiver.url, ENABLE_WEBHOOK: 'false' } })
    await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, { to: wago.user.phone, text: 'x' })
    await delay(300)

    const { db } = wago.app.parley.services
    const deliveries = await db('deliveries').where({ target: 'wago-api' })
    await wago.stop()
    await receiver.close()

    expect(receiver.requests).toEqual([])
    expect(deliveries).toEqual([])
  })
})

describe('requests', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start({
      env: { API_KEY, RATE_LIMIT_MAX: '40', RATE_LIMIT_WINDOW_MS: '3600000', TRUST_PROXY: 'loopback' },
    })
  })
  afterAll(() => app.close())

  function request(method: string, path: string, headers: Record<string, string> = {}) {
    return app.request(method, path, { headers })
  }

  test('beyond the rate of an address are answered 429; other addresses and dialects are not affected', async () => {
    const from = { 'x-forwarded-for': '203.0.113.7' }
    const within = await Promise.all(Array.from({ length: 40 }, () => request('GET', `${BASE}/ping`, from)))

    const beyond = await request('GET', `${BASE}/ping`, from)
    const elsewhere = await request('GET', `${BASE}/ping`, { 'x-forwarded-for': '203.0.113.8' })
    const wuzapi = await request('GET', '/health', from)

    expect(within.map(({ status }) => status)).toEqual(Array(40).fill(200))
    expect([beyond.status, beyond.json]).toEqual([429, failure('too many requests')])
    expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThan(0)
    expect([elsewhere.status, wuzapi.status]).toEqual([200, 200])
  })

  test('carry an id back, also when they fail and where there is nothing', async () => {
    const answers = [
      await request('GET', `${BASE}/ping`),
      await request('GET', `${BASE}/session/getSessions`),
      await request('GET', `${BASE}/nothing`),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 403, 404])
    expect(answers.map(({ headers }) => headers.get('x-request-id'))).toEqual(
      answers.map(() => expect.stringMatching(/^[a-z0-9]{20}$/)),
    )
  })

  test('keep the id their caller gave, if it is a sane one', async () => {
    const given = await request('GET', `${BASE}/ping`, { 'X-Request-Id': 'order-4711' })
    const insane = await request('GET', `${BASE}/ping`, { 'X-Request-Id': `${'x'.repeat(200)}` })
    const forged = await request('GET', `${BASE}/ping`, { 'X-Request-Id': 'a b "c"' })

    expect(given.headers.get('x-request-id')).toBe('order-4711')
    expect(insane.headers.get('x-request-id')).toMatch(/^[a-z0-9]{20}$/)
    expect(forged.headers.get('x-request-id')).toMatch(/^[a-z0-9]{20}$/)
  })

  test('may come from pages of other origins', async () => {
    const preflight = await request('OPTIONS', `${BASE}/client/sendMessage/main`, {
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-api-key',
    })
    const actual = await request('GET', `${BASE}/ping`, { Origin: 'https://app.example' })

    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-methods')?.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'POST', 'DELETE']),
    )
    expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Api-Key')
    expect(actual.headers.get('access-control-allow-origin')).toBe('*')
    expect(actual.headers.get('access-control-expose-headers')).toContain('X-Request-Id')
    expect(actual.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('of other dialects have none of this', async () => {
    const { headers } = await request('GET', '/health', {
      Origin: 'https://app.example',
      'X-Request-Id': 'mine',
    })
    const preflight = await request('OPTIONS', '/session/status', {
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'GET',
    })

    expect([headers.get('access-control-allow-origin'), headers.get('x-request-id')]).toEqual([null, null])
    expect(preflight.status).toBe(404)
  })
})
