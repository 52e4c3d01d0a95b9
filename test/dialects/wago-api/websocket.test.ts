import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventStream } from '../../../src/dialects/wago-api/endpoints/websocket.ts'
import { EventStreams } from '../../../src/http/streams.ts'
import { callerByToken } from '../../../src/operations/keys/user-keys.ts'
import type { Caller } from '../../../src/store/users/caller.ts'
import { ADMIN_TOKEN, TestApp } from '../../helpers/app.ts'
import { API_KEY, BASE, failure, Wago } from './wago.ts'

interface Frame {
  sessionId: string
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it freely.
  data: any
}

/** A client that keeps what it is told. */
class Client {
  readonly socket: WebSocket
  readonly frames: Frame[] = []
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), protocols, { headers })
    this.socket.on('message', (text) => this.frames.push(JSON.parse(String(text))))
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    )
    this.socket.on('error', () => {})
  }

  /** Resolves with the status of the answer: 101 when it is open. */
  get status(): Promise<number> {
    return new Promise((resolve) => {
      this.socket.once('open', () => resolve(101))
      this.socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    })
  }
}

let wago: Wago
const clients: Client[] = []
beforeAll(async () => {
  wago = await Wago.start({ env: { ENABLE_WEBSOCKET: 'true' } })
})
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate()
  // A session has only so many: the next test begins when the server has noticed.
  await delay(20)
})
afterAll(() => wago.stop())

function open(key = API_KEY, session = 'main', protocols: string[] = []): Client {
  const client = new Client(
    `${wago.app.url}${BASE}/ws/${session}`,
    protocols,
    key === '' ? {} : { 'X-Api-Key': key },
  )
  clients.push(client)
  return client
}

function frame(client: Client, event: string): Promise<Frame> {
  return wago.app.waitFor(event, () => client.frames.find((one) => one.event === event))
}

describe('who may listen', () => {
  test.each([
    ['the key of all sessions', () => API_KEY],
    ['the admin token', () => ADMIN_TOKEN],
    ['the token of the session itself', () => wago.user.token],
  ])('%s', async (_what, key) => {
    expect(await open(key()).status).toBe(101)
  })

  test('nobody without a key, with a wrong one or with one of another session', async () => {
    const other = await wago.app.createUser()

    const statuses = [await open('').status, await open('wrong').status, await open(other.token).status]

    expect(statuses).toEqual([403, 403, 403])
  })

  test('nobody with a key in the query', async () => {
    expect(await open('', `main?x-api-key=${API_KEY}&token=${wago.user.token}`).status).toBe(403)
  })

  test('a browser offers the key as a subprotocol, which is not sent back', async () => {
    const key = Buffer.from(API_KEY).toString('base64url')

    const client = open('', 'main', ['events', `key.${key}`])

    expect(await client.status).toBe(101)
    expect(client.socket.protocol).toBe('events')
  })

  test('a wrong key as a subprotocol is refused', async () => {
    const client = open('', 'main', ['events', `key.${Buffer.from('wrong').toString('base64url')}`])

    expect(await client.status).toBe(403)
  })

  test('a session that does not exist, and one that cannot', async () => {
    expect([await open(API_KEY, 'nobody').status, await open(API_KEY, 'no%20name').status]).toEqual([
      404, 422,
    ])
  })

  test('an ordinary request is told what to do', async () => {
    const { status, json, headers } = await wago.get('/ws/main')

    expect([status, json]).toEqual([426, failure('this is a WebSocket')])
    expect(headers.get('x-request-id')).not.toBeNull()
  })

  test('a session has a limited number of streams', async () => {
    const statuses = await Promise.all(Array.from({ length: 12 }, () => open().status))

    expect(statuses.toSorted()).toEqual([...Array(10).fill(101), 429, 429])
  })
})

describe('what is told', () => {
  test('messages of the session, in the envelope of the webhooks', async () => {
    const client = open()
    await client.status

    await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, {
      to: wago.user.phone,
      text: 'Hello!',
    })

    const { sessionId, data } = await frame(client, 'message')
    expect(sessionId).toBe('main')
    expect(data).toMatchObject({ body: 'Hello!', type: 'text', chat: wago.contactJid, isFromMe: false })
  })

  test('what the session sends', async () => {
    const client = open()
    await client.status

    const { json } = await wago.call('/client/sendPoll/main', {
      chatId: wago.contactJid,
      pollName: 'Lunch?',
      pollOptions: ['Yes', 'No'],
    })

    const { data } = await frame(client, 'message_create')
    expect(data).toMatchObject({ id: json.messageId, type: 'poll', body: 'Lunch?', isFromMe: true })
  })

  test('nothing of other sessions', async () => {
    const other = await wago.app.linkedUser({ name: 'other' })
    const [mine, theirs] = [open(), open(API_KEY, 'other')]
    await Promise.all([mine.status, theirs.status])

    await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, { to: other.phone, text: 'secret' })

    await frame(theirs, 'message')
    expect(mine.frames.filter(({ event }) => event === 'message')).toEqual([])
  })

  test('a session that is not started yet shows its QR code', async () => {
    await wago.app.createUser({ name: 'fresh' })
    const client = open(API_KEY, 'fresh')
    await client.status

    await wago.get('/session/start/fresh')

    expect((await frame(client, 'qr')).data.qr).toMatch(/,/)
  })
})

describe('connections', () => {
  test('a client that sends a flood is closed', async () => {
    const client = open()
    await client.status

    client.socket.send('x'.repeat(10_000))

    expect((await client.closed).code).toBe(1009)
  })

  test('pings are answered', async () => {
    const client = open()
    await client.status
    const pong = new Promise((resolve) => client.socket.once('pong', (data) => resolve(String(data))))

    client.socket.ping('hi')

    expect(await pong).toBe('hi')
  })

  test('an offer of HTTP/2 is ignored, body and keep-alive included', async () => {
    const { port } = new URL(wago.app.url)
    const body = JSON.stringify({ phoneNumber: '' })

    const answer = await new Promise<{ status?: number; text: string }>((resolve, reject) => {
      const request = httpRequest(
        {
          port,
          method: 'POST',
          path: `${BASE}/session/requestPairingCode/main`,
          headers: {
            Connection: 'Upgrade, HTTP2-Settings',
            Upgrade: 'h2c',
            'HTTP2-Settings': 'AAMAAABkAAQAAP__',
            'X-Api-Key': API_KEY,
            'Content-Length': body.length,
          },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode, text }))
        },
      )
      request.on('error', reject)
      request.end(body)
    })

    expect(answer).toEqual({ status: 400, text: JSON.stringify(failure('phoneNumber is required')) })
  })

  test('a handshake that is none is refused', async () => {
    const { port, hostname } = new URL(wago.app.url)
    const socket = connect(Number(port), hostname)
    const answer = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))))

    socket.write(
      `GET ${BASE}/ws/main HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Api-Key: ${API_KEY}\r\n\r\n`,
    )

    expect(await answer).toMatch(/^HTTP\/1\.1 400/)
    socket.destroy()
  })
})

describe('access that ends', () => {
  async function streamOf(key: string, session: string) {
    const client = open(key, session)
    await client.status
    return client
  }

  /** How it was closed, if that was at once. */
  const end = (client: Client) => Promise.race([client.closed, delay(5_000, 'still open')])

  test('with a token that was changed, while the key of all sessions goes on', async () => {
    const user = await wago.app.createUser({ name: 'changing' })
    const [own, keeper] = [await streamOf(user.token, 'changing'), await streamOf(API_KEY, 'changing')]

    await wago.app.request('PUT', `/admin/users/${user.id}`, {
      admin: true,
      body: { token: 'another-token' },
    })

    expect(await end(own)).toEqual({ code: 1008, reason: 'the key is not valid any more' })
    expect(keeper.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('with the session, for whoever listens', async () => {
    const user = await wago.app.createUser({ name: 'leaving' })
    const [own, keeper] = [await streamOf(user.token, 'leaving'), await streamOf(API_KEY, 'leaving')]

    await wago.app.request('DELETE', `/admin/users/${user.id}`, { admin: true })

    expect(await end(own)).toEqual({ code: 1008, reason: 'the key is not valid any more' })
    expect(await end(keeper)).toEqual({ code: 1008, reason: 'there is no such session any more' })
  })

  test('with the name that the stream was opened by', async () => {
    const user = await wago.app.createUser({ name: 'renamed' })
    const client = await streamOf(API_KEY, 'renamed')

    await wago.app.request('PUT', `/admin/users/${user.id}`, { admin: true, body: { name: 'other-name' } })

    expect(await end(client)).toEqual({ code: 1008, reason: 'there is no such session any more' })
  })

  test('with a change that another process has made', async () => {
    const user = await wago.app.createUser({ name: 'far' })
    const client = await streamOf(user.token, 'far')

    await wago.app.parley.services
      .db('users')
      .where('id', user.id)
      .update({ token_index: 'of another token' })

    expect(await end(client)).toEqual({ code: 1008, reason: 'the key is not valid any more' })
  })
})

describe('streams that are looked after', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start({
      env: { API_KEY, ENABLE_WEBSOCKET: 'true' },
      streamLimits: { pingMs: 100, maxUnreadBytes: 64 * 1024 },
    })
  })
  afterAll(() => app.close())

  async function listener(fields: Record<string, unknown> = {}) {
    const user = await app.createUser(fields)
    const client = new Client(`${app.url}${BASE}/ws/${user.id}`, [], { 'X-Api-Key': user.token })
    clients.push(client)
    await client.status
    return { user, client }
  }

  /** Far more than the buffers of a connection hold. */
  async function flood(userId: string): Promise<void> {
    const error = 'x'.repeat(256 * 1024)
    for (let event = 0; event < 80; event++)
      await app.parley.services.events.record(userId, [{ type: 'session.unreachable', attempts: 3, error }])
  }

  test('a peer that is dead is given up, one that lives stays', async () => {
    const [dead, alive] = [await listener(), await listener()]
    // Nothing is read any more, so no ping is answered.
    dead.client.socket.pause()

    await delay(500)
    dead.client.socket.resume()

    expect((await dead.client.closed).code).toBe(1006)
    expect(alive.client.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('a key that is not valid any more ends its stream', async () => {
    const { user, client } = await listener({ name: 'leaver' })

    await app.request('GET', `${BASE}/session/terminate/leaver`, { headers: { 'x-api-key': API_KEY } })

    expect(user.id).not.toBe('')
    expect(await client.closed).toEqual({ code: 1008, reason: 'the key is not valid any more' })
  })

  test('a reader that is too slow is closed and told why', async () => {
    const { user, client } = await listener()
    client.socket.pause()

    await flood(user.id)
    client.socket.resume()

    expect(await client.closed).toEqual({ code: 1013, reason: 'too slow: events are waiting to be read' })
    expect(client.frames.length).toBeLessThan(80)
  })

  test('a reader that never reads is cut off', async () => {
    const { user, client } = await listener()
    client.socket.pause()
    await flood(user.id)

    await delay(2_300)
    client.socket.resume()

    expect((await client.closed).code).toBe(1006)
  })

  test('a client that pings and never reads is closed as well', async () => {
    const { user, client } = await listener()
    client.socket.pause()
    const stuffing = Buffer.alloc(120)
    for (let ping = 0; ping < 200_000 && client.socket.readyState === WebSocket.OPEN; ping++)
      client.socket.ping(stuffing)

    await delay(500)
    client.socket.resume()

    expect(user.id).not.toBe('')
    expect([1006, 1013]).toContain((await client.closed).code)
  })

  test('a stream whose session has moved to another node is closed', async () => {
    const { services } = app.parley
    const { user } = await listener()
    const elsewhere = { kind: 'elsewhere', nodeId: 'b', address: '' } as const
    const ownership = { holds: () => false, ownerOf: async () => elsewhere }
    const streams = new EventStreams(services, ownership, { movedMs: 50 })
    // The user was created two lines above.
    const caller = (await callerByToken(services, user.token)) as Caller
    const server = createServer().on('upgrade', (request, socket, head) =>
      streams.accept(
        request,
        { socket, head, take: () => {} },
        { stream: eventStream, caller, authenticate: async () => caller },
      ),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo

    const client = new Client(`http://127.0.0.1:${port}`)

    expect(await client.closed).toEqual({ code: 1001, reason: 'the session has moved to another node' })
    await streams.stop()
    server.close()
  })

  test('a server that stops says so and does not wait', async () => {
    const stopping = await TestApp.start({ env: { API_KEY, ENABLE_WEBSOCKET: 'true' } })
    const { id } = await stopping.createUser()
    const client = new Client(`${stopping.url}${BASE}/ws/${id}`, [], { 'X-Api-Key': API_KEY })
    await client.status
    const startedAt = Date.now()

    await stopping.close()

    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is stopping' })
    expect(Date.now() - startedAt).toBeLessThan(2_000)
  })

  test('without ENABLE_WEBSOCKET there is nothing', async () => {
    const app = await TestApp.start({ env: { API_KEY } })
    const { id } = await app.createUser()

    const client = new Client(`${app.url}${BASE}/ws/${id}`, [], { 'X-Api-Key': API_KEY })
    const status = await client.status
    const plain = await app.request('GET', `${BASE}/ws/${id}`, { headers: { 'X-Api-Key': API_KEY } })
    await app.close()

    expect([status, plain.status]).toEqual([404, 404])
  })
})
