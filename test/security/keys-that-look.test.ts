import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { dialects, operators } from '../../src/dialects/index.ts'
import { fullDocument } from '../../src/http/server/openapi.ts'
import { type Feed, openFeed } from '../dialects/parley/feed.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'

const CONTACT = '5491155550001'
const PHONE = '447700900123'
/** So much of an image is recognised: of an answer only the beginning is kept. */
const PART = 300
/** Requests at once. */
const AT_ONCE = 8

/** An operation of a document, as far as this test looks into one. */
interface Operation {
  'x-power'?: string
  security: Record<string, unknown>[]
  parameters: { name: string; in: string; required: boolean; example?: unknown }[]
  requestBody?: { content: Record<string, { example?: unknown }> }
  responses: Record<string, { content?: Record<string, unknown> }>
}

/** What somebody asks who may only look. */
interface Request {
  dialect: string
  method: string
  path: string
  /** The header in which the key is. */
  keyHeader: string
  body?: string
}

let app: TestApp
/** Has its data from when it was linked, and now shows a code. */
let user: LinkedUser
let echo: ReturnType<typeof createServer>
/** Whose who looks: a key of the user, and a login. */
let read: string
let login: string
let feeds: Feed[]
let frames: string[]
/** What lets somebody take over, with what it is. */
const secrets = new Map<string, string>()

beforeAll(async () => {
  app = await TestApp.start({ env: { ENABLE_WEBSOCKET: 'true', CALLS: 'on', WEBHOOK_KEEP_ATTEMPTS: 'all' } })
  // A receiver that says what it got, headers included, and takes everything but codes.
  echo = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => {
      body += piece
    })
    request.on('end', () => {
      const status = body.includes('qrCodeBase64') ? 500 : 200
      response.writeHead(status).end(`${body}\n${JSON.stringify(request.headers)}`)
    })
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  await app.contact(CONTACT, { name: 'Ana', autoReply: true })
  user = await app.linkedUser({ name: 'shop', webhook: `http://127.0.0.1:${port}/hook`, history: 100 })
  secrets.set('the token', user.token)
  await configure(port)
  await app.post('/chat/send/text', user.token, { Phone: CONTACT, Body: 'hello' })
  await app.waitFor('a chat', async () => (await app.get('/parley/me/chats', user.token)).json.chats.length)
  await openStreams()
  await showCode()
  await app.waitFor(
    'the receiver to have said what it got of a code',
    async () =>
      (await deliveries()).filter(({ type, attempts }) => type === 'session.qr' && attempts > 0).length > 1,
  )
})

afterAll(async () => {
  for (const feed of feeds ?? []) feed.close()
  await app?.close()
  echo?.close()
})

/** Sets all the secrets that a user can have, and makes the keys that look. */
async function configure(port: number): Promise<void> {
  const made = async (what: string, path: string, body: object): Promise<ReturnType<typeof JSON.parse>> => {
    const answer = await app.request('POST', path, { token: user.token, body })
    expect([what, Math.floor(answer.status / 100)]).toEqual([what, 2])
    return answer.json
  }
  secrets.set('the HMAC key', 'hmac-key-that-nobody-may-see-0123456789')
  await made('HMAC', '/session/hmac/config', { hmac_key: secrets.get('the HMAC key') })
  secrets.set('the signing secret', (await made('secret', '/parley/me/secret', {})).secret)
  secrets.set('a header of a webhook', 'header-that-nobody-may-see')
  secrets.set('the HMAC key of a webhook', 'another-hmac-key-that-nobody-may-see')
  await made('webhook', '/parley/me/webhooks', {
    slot: 'user',
    url: `http://127.0.0.1:${port}/second`,
    events: ['All'],
    headers: { 'x-secret': secrets.get('a header of a webhook') },
    hmacKey: secrets.get('the HMAC key of a webhook'),
  })
  secrets.set('the access key', 'ACCESS-KEY-NOBODY-SEES')
  secrets.set('the secret key', 'SECRET-KEY-NOBODY-SEES')
  await made('S3', '/session/s3/config', {
    enabled: false,
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'files',
    region: 'us-east-1',
    access_key: secrets.get('the access key'),
    secret_key: secrets.get('the secret key'),
  })
  secrets.set('a key that sends', (await made('key', '/parley/me/keys', { name: 'Shop', power: 'send' })).key)
  secrets.set('another key', (await made('key', '/parley/me/keys', { name: 'Other', power: 'read' })).key)
  read = (await made('key', '/parley/me/keys', { name: 'Looks', power: 'read' })).key
  const support = await app.request('POST', '/parley/logins', { admin: true, body: { name: 'Support' } })
  expect(support.status).toBe(201)
  login = support.json.key
}

/** Opens what those who look may open. */
async function openStreams(): Promise<void> {
  frames = []
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/wago-api/ws/shop`, {
    headers: { 'x-api-key': read },
  })
  socket.on('message', (message) => frames.push(String(message)))
  await once(socket, 'open')
  feeds = [
    await openFeed(`${app.url}/parley/me/live`, { token: read }),
    await openFeed(`${app.url}/parley/me/live`, { token: login, 'parley-user': user.id }),
  ]
}

/** Unlinks the phone and has codes shown: one to scan, and one to type. */
async function showCode(): Promise<void> {
  app.parley.services.events.listen((_userId, recorded) => {
    for (const { event } of recorded) {
      if (event.type !== 'session.qr') continue
      for (const [index, code] of [event.code, ...(event.codes ?? [])].entries()) {
        secrets.set(`code ${secrets.size}.${index}`, code)
      }
      secrets.set(`image ${secrets.size}`, event.image.replace(/^data:image\/png;base64,/, '').slice(0, PART))
    }
  })
  await app.post('/session/logout', user.token)
  await app.post('/session/connect', user.token, { Immediate: true })
  await app.waitFor('a code', () => app.parley.services.sessions.find(user.id)?.status.qr)
  const { json } = await app.post('/session/pairphone', user.token, { Phone: PHONE })
  secrets.set('the code to type', json.data.LinkingCode)
  secrets.set('the code to type, as it is typed', json.data.LinkingCode.replaceAll('-', ''))
}

async function deliveries(): Promise<{ id: string; type: string; attempts: number }[]> {
  const { json } = await app.get('/parley/me/deliveries?target=all&limit=500', user.token)
  return json.deliveries
}

/** Every operation that a key with the power `read` may call, as its document says to call it. */
async function requests(): Promise<Request[]> {
  const known = [...dialects.map((dialect) => ({ dialect, base: `/${dialect.name}` })), operators]
  const found: Request[] = []
  for (const { dialect, base } of known) {
    const { paths } = (await fullDocument(dialect, base, 'current')) as unknown as {
      paths: Record<string, Record<string, Operation>>
    }
    for (const [path, item] of Object.entries(paths))
      for (const [method, operation] of Object.entries(item)) {
        const isStream =
          '101' in operation.responses || 'text/event-stream' in Object(operation.responses[200]?.content)
        if (isStream || !['read', 'any'].includes(operation['x-power'] ?? '')) continue
        const [scheme = ''] = Object.keys(operation.security[0] ?? {})
        const keyHeader = dialect.securitySchemes[scheme]?.name ?? ''
        const body = operation.requestBody?.content['application/json']?.example
        const query = operation.parameters
          .filter((parameter) => parameter.in === 'query' && parameter.required)
          .map(({ name, example }): [string, string] => [name, String(example)])
        for (const filled of await pathsOf(dialect.name, path))
          found.push({
            dialect: dialect.name,
            method: method.toUpperCase(),
            path: `${base}${filled}?${new URLSearchParams(query)}`,
            keyHeader,
            ...(body !== undefined && { body: JSON.stringify(body).replaceAll('5491155553934', CONTACT) }),
          })
      }
  }
  return found
}

/** A path with what it names: every delivery, the session, the chat. */
async function pathsOf(dialect: string, path: string): Promise<string[]> {
  if (path.startsWith('/me/deliveries/{')) return (await deliveries()).map(({ id }) => `/me/deliveries/${id}`)
  const chat = `${CONTACT}@s.whatsapp.net`
  return [
    path.replace('{id}', dialect === 'wago-api' ? 'shop' : 'x').replace(/\{\w+\}/g, encodeURIComponent(chat)),
  ]
}

async function ask({ method, path, keyHeader, body }: Request, key: string): Promise<string> {
  const answer = await fetch(`${app.url}${path}`, {
    method,
    headers: {
      [keyHeader]: key,
      ...(key === login && { 'parley-user': user.id }),
      'content-type': 'application/json',
    },
    ...(body !== undefined && method !== 'GET' && { body }),
  })
  const text = [...answer.headers.values(), await answer.text()].join('\n')
  expect(`${method} ${path} ${text}`).not.toMatch(/may only (read|look)/)
  return text
}

/** What of the secrets is in a text, by its name. */
function seenIn(text: string): string[] {
  return [...secrets].flatMap(([what, secret]) => {
    const escaped = JSON.stringify(secret).slice(1, -1)
    return [secret, escaped, encodeURIComponent(secret)].some((form) => text.includes(form)) ? [what] : []
  })
}

test('a key that may read, and a login, see nothing that would let them take over the account', {
  timeout: 300_000,
}, async () => {
  const all = await requests()
  const seen: [string, string[]][] = []

  const looks = all.flatMap((request) => [
    [request, read] as const,
    ...(request.dialect === 'parley' ? [[request, login] as const] : []),
  ])
  for (let at = 0; at < looks.length; at += AT_ONCE)
    seen.push(
      ...(await Promise.all(
        looks.slice(at, at + AT_ONCE).map(async ([request, key]): Promise<[string, string[]]> => {
          const who = key === login ? 'login' : 'key'
          return [`${who}: ${request.method} ${request.path}`, seenIn(await ask(request, key))]
        }),
      )),
    )
  const users = await app.request('GET', '/parley/users', { headers: { authorization: `Bearer ${login}` } })
  seen.push(['GET /parley/users', seenIn(users.text)])

  expect(users.status).toBe(200)
  expect(all.length).toBeGreaterThan(150)
  expect(seen.filter(([, what]) => what.length > 0)).toEqual([])
})

test('nor do the streams tell it', async () => {
  await app.waitFor(
    'what a stream may tell',
    () => frames.length > 0 && feeds.every((feed) => feed.text().includes('session.qr')),
  )

  const told = [frames.join('\n'), ...feeds.map((feed) => feed.text())]

  expect(told.map(seenIn)).toEqual([[], [], []])
})

test.each(['/call/ws', '/parley/me/events/live'])(
  'the stream %s, which tells it, is not for them',
  async (path) => {
    const open = (token: string) => app.request('GET', path, { token, headers: { 'parley-user': user.id } })

    const answers = [await open(read), await open(login)]

    expect(answers.map(({ status }) => status >= 401 && status <= 403)).toEqual([true, true])
  },
)

test('the owner does see what is looked for', async () => {
  const [status, code, secret] = await Promise.all([
    app.get('/session/status', user.token),
    app.get('/session/qr', user.token),
    app.get('/parley/me/secret', user.token),
  ])

  expect(seenIn(status.text)).toContain('the token')
  expect(seenIn(code.text).length).toBeGreaterThan(0)
  expect(seenIn(secret.text)).toContain('the signing secret')
})
