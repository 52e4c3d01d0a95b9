import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { internalListener, internalUpgrades } from '../../src/cluster/internal.ts'
import { type Owner, singleNode } from '../../src/cluster/ownership.ts'
import { RequestBarrier } from '../../src/cluster/request-barrier.ts'
import type { Principal } from '../../src/http/endpoint/dialect.ts'
import { get, post } from '../../src/http/endpoint/endpoint.ts'
import { textUpTo } from '../../src/http/endpoint/fields.ts'
import { startForwarding } from '../../src/http/proxy/route-to-owner.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { echo, echoed, tinyApp, tinyDialect, whoami } from '../http/tiny.ts'

/** Characters of a body that is long enough to arrive in many pieces. */
const LONG_WORDS = 6_000_000

const SECRET = 'the shared secret'
const anywhere = { host: '127.0.0.1', port: 0 }
const BOB: Principal = { kind: 'user', user: { id: 'bob' } as never, power: 'full' }

/** A node of a cluster whose leases are a table of the test. */
interface Node {
  name: string
  url: string
  internal: string
  barrier: RequestBarrier
  /** Ids of users whose requests were served here. */
  served: string[]
  logged: string[]
  stop(): Promise<void>
}

describe('requests reach the owner of the session', () => {
  const nodes: Node[] = []
  /** Name of the node that runs the session of a user; `nobody` when it is wanted and has no owner. */
  const owners = new Map<string, string>()
  /** What a node takes for the owner before it learns better. */
  const outdated = new Map<string, string[]>()

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()))
    owners.clear()
  })

  async function startNode(
    name: string,
    given: { secret?: string; bodyLimitBytes?: number } = {},
  ): Promise<Node> {
    const { secret = SECRET, bodyLimitBytes } = given
    const served: string[] = []
    const logged: string[] = []
    const barrier = new RequestBarrier()
    const ownership = { ...singleNode(), isShared: true, ownerOf: async (id: string) => ownerOf(id, name) }
    const log = createLogger('error', { write: (line) => logged.push(line) })
    const forwarding = startForwarding({
      ownership,
      barrier,
      addressOf: async () => undefined,
      secret,
      log,
    })
    const dialect = tinyDialect(
      [
        echo(z.unknown(), {
          run: async ({ user }, input) => {
            served.push(user.id)
            return [name, input]
          },
        }),
        echo(z.object({ words: textUpTo({ max: LONG_WORDS, source: 'this test' }, z.string()) }), {
          path: '/long',
          run: async (_scope, { words }) => [name, words],
        }),
        get('/limited', {
          summary: 'Refuse',
          needs: 'stored',
          run: () => Promise.reject(new ApiError('rate_limited', { retryAfterSeconds: 7 })),
          reply: echoed,
        }),
        post('/ignore', { summary: 'No body', needs: 'stored', run: async () => name, reply: echoed }),
        whoami,
      ],
      [],
    )
    const app = tinyApp(dialect, { forward: forwarding.forward, bodyLimitBytes })
    const upgrades = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void forwarding.forwardUpgrade(BOB, request, socket, head).then((isDone) => {
        if (!isDone) answerStream(request, socket, name)
      })
    }
    const listening = await listen(app, { ...anywhere, upgrades })
    const internal = await listen(internalListener(app, { secret, pages: { '/own': () => [name] } }), {
      ...anywhere,
      upgrades: internalUpgrades(upgrades, secret),
    })
    const stop = async () => {
      forwarding.stop()
      await Promise.all([listening, internal].map((one: Listening) => one.stop(100)))
    }
    const node = { name, barrier, served, logged, stop, ...addresses(listening, internal) }
    nodes.push(node)
    return node
  }

  function ownerOf(userId: string, asking: string): Owner {
    const owner = outdated.get(asking)?.shift() ?? owners.get(userId)
    if (owner === asking) return { kind: 'here' }
    if (owner === undefined || owner === 'nobody') return { kind: 'nobody', isWanted: owner === 'nobody' }
    const known = nodes.find(({ name }) => name === owner)
    return { kind: 'elsewhere', nodeId: owner, address: known?.internal ?? owner }
  }

  const tokenOf = (user: string) => ({ Token: user })
  const ask = (node: Node, path: string, init: RequestInit = {}) =>
    fetch(node.url + path, { headers: tokenOf('bob'), ...init })
  const say = (node: Node, words: unknown) =>
    ask(node, '/echo', { method: 'POST', body: JSON.stringify(words) })
      .then((answer) => answer.text())
      .then(JSON.parse)

  test('wherever they arrive, and are answered in its words', async () => {
    const [a] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'b')

    const answer = await say(a, { phone: '1' })

    expect(answer).toEqual({ code: 200, data: ['b', { phone: '1' }], success: true })
  })

  test.each([
    ['a success', 'POST /echo HTTP/1.1', '{"phone":"1"}'],
    ['a refusal with Retry-After', 'GET /limited HTTP/1.1', ''],
    ['a body that cannot be read', 'POST /echo HTTP/1.1', '{"phone'],
    ['a body nobody asks for', 'POST /ignore HTTP/1.1', '{}'],
    ['a session that is missing', 'GET /whoami HTTP/1.1', ''],
  ])('%s arrives byte for byte as the owner gives it', async (_what, line, body) => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'b')
    const request = [line, 'Host: x', 'Token: bob', `Content-Length: ${body.length}`, '', body].join('\r\n')

    const [direct, passedOn] = [await exchange(b.url, request), await exchange(a.url, request)]

    expect(withoutChance(passedOn)).toBe(withoutChance(direct))
    expect(passedOn).toContain('Request-Id: ')
  })

  test('a long body streams through, also in chunks', async () => {
    const [a] = [
      await startNode('a', { bodyLimitBytes: 1 }),
      await startNode('b', { bodyLimitBytes: 2 ** 24 }),
    ]
    owners.set('bob', 'b')
    const words = randomBytes(LONG_WORDS / 2).toString('hex')
    const digest = (text: string) => createHash('sha256').update(text).digest('hex')
    const send = (init: RequestInit & { duplex?: 'half' }) =>
      ask(a, '/long', { method: 'POST', ...init })
        .then((answer) => answer.text())
        .then(JSON.parse)

    const whole = await send({ body: JSON.stringify({ words }) })
    const inChunks = await send({ body: new Blob([JSON.stringify({ words })]).stream(), duplex: 'half' })

    expect(digest(whole.data[1])).toBe(digest(words))
    expect(digest(inChunks.data[1])).toBe(digest(words))
  })

  test('a body that is too large for the owner is refused while it is sent', async () => {
    const [a] = [await startNode('a'), await startNode('b', { bodyLimitBytes: 1024 })]
    owners.set('bob', 'b')

    const answer = await ask(a, '/echo', { method: 'POST', body: 'x'.repeat(3_000_000) })

    expect(answer.status).toBe(413)
    expect(await answer.text()).toContain('request body is too large')
  })

  test('a client that waits for "100 Continue" gets it from the owner', async () => {
    const [a] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'b')
    const { hostname, port } = new URL(a.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      'POST /echo HTTP/1.1\r\nHost: x\r\nToken: bob\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
    )

    const [first] = await once(socket, 'data')
    socket.write('"x"')
    const [second] = await once(socket, 'data')
    socket.destroy()

    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(String(second)).toContain('"data":["b","x"]')
  })

  test('an owner that has just lost the session sends them on, with their body', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    await startNode('c')
    outdated.set('a', ['b', 'b'])
    owners.set('bob', 'c')

    const answer = await say(a, { phone: '2' })

    expect(answer.data).toEqual(['c', { phone: '2' }])
    expect(b.served).toEqual([])
  })

  test('a node that died is waited for until another one has the session', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    await startNode('c')
    owners.set('bob', 'b')
    await b.stop()
    setTimeout(() => owners.set('bob', 'nobody'), 100)
    setTimeout(() => owners.set('bob', 'c'), 200)

    const answer = await say(a, 'patience')

    expect(answer.data).toEqual(['c', 'patience'])
  })

  test('a session that nobody wants is begun where the request arrives', async () => {
    const a = await startNode('a')

    expect((await say(a, 'first')).data).toEqual(['a', 'first'])
  })

  test('something else at the address of a node is not believed', async () => {
    const a = await startNode('a')
    await startNode('b')
    const impostor = await listen((_request, response) => void response.end('{"code":200}'), anywhere)
    owners.set('bob', `http://127.0.0.1:${impostor.port}`)
    setTimeout(() => owners.set('bob', 'b'), 100)

    const answer = await say(a, 'secret')

    await impostor.stop()
    expect(answer.data).toEqual(['b', 'secret'])
  })

  test('an owner that dies after it was given the body is a 503 that says when to repeat', async () => {
    const a = await startNode('a')
    const dying = await listen((request, response) => {
      response.writeContinue()
      request.once('data', () => request.socket.destroy())
    }, anywhere)
    owners.set('bob', `http://127.0.0.1:${dying.port}`)

    const answer = await ask(a, '/echo', { method: 'POST', body: '"x"' })

    await dying.stop()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toBe('5')
    expect(JSON.parse(await answer.text())).toEqual({
      code: 503,
      error: 'this session is moving to another node; repeat the request',
      success: false,
    })
  })

  test('an answer that breaks off is not made whole', async () => {
    const a = await startNode('a')
    const dying = await listen((request, response) => {
      response.writeHead(200, { 'parley-node-outcome': 'answered', 'Content-Length': 100 }).write('half')
      setTimeout(() => request.socket.destroy(), 20)
    }, anywhere)
    owners.set('bob', `http://127.0.0.1:${dying.port}`)

    await expect(ask(a, '/whoami').then((answer) => answer.text())).rejects.toThrow()
    await dying.stop()
  })

  test('wait while the session is handed over, then go to the new owner', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'a')
    await a.barrier.close('bob', 1_000)
    const asked = say(a, 'moved')

    owners.set('bob', 'b')
    a.barrier.open('bob')

    expect((await asked).data).toEqual(['b', 'moved'])
    expect(b.served).toEqual(['bob'])
    await expect.poll(() => a.barrier.inside('bob') + b.barrier.inside('bob')).toBe(0)
  })

  test('the internal port opens to the shared secret only', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'b')
    const knock = (path: string, headers: Record<string, string>) =>
      fetch(b.internal + path, { headers: { ...tokenOf('bob'), ...headers } })

    expect((await knock('/whoami', {})).status).toBe(403)
    expect((await knock('/whoami', { 'Parley-Node-Secret': 'wrong' })).status).toBe(403)
    expect((await knock('/own', { 'Parley-Node-Secret': 'wrong' })).status).toBe(403)
    const introduced = await knock('/own', { 'Parley-Node-Secret': SECRET })
    expect(await introduced.json()).toEqual(['b'])
    // On the public port the headers mean nothing: the request is passed on as that of any client.
    const forged = await ask(a, '/echo', {
      method: 'POST',
      headers: { ...tokenOf('bob'), 'Parley-Node-Secret': SECRET, 'Parley-Node-Client': '9.9.9.9' },
      body: '1',
    })
    expect(JSON.parse(await forged.text()).data).toEqual(['b', 1])
    expect((await ask(a, '/own')).status).toBe(404)
  })

  test('a stranger who asks for a stream there and resets the connection harms nobody', async () => {
    const node = await startNode('a')
    const { hostname, port } = new URL(node.internal)
    const stranger = connect(Number(port), hostname)
    stranger.on('error', () => {})
    await once(stranger, 'connect')

    stranger.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    stranger.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 50))

    // An error nobody listens for would have ended this process.
    expect((await fetch(`${node.internal}/whoami`)).status).toBe(403)
  })

  test('an owner that accepts a request and then loses the session without a word is given up', async () => {
    const frozen = createServer().listen(0, '127.0.0.1')
    await once(frozen, 'listening')
    const a = await startNode('a')
    const b = await startNode('b')
    // The table takes what is not a node for an address.
    owners.set('bob', `http://127.0.0.1:${(frozen.address() as AddressInfo).port}`)

    const asked = say(a, 'hello')
    await once(frozen, 'connection')
    owners.set('bob', 'b')

    expect((await asked).data).toEqual(['b', 'hello'])
    expect(b.served).toEqual(['bob'])
    frozen.close()
  })

  test('a node with another encryption key is told to the operator and to the client', async () => {
    const a = await startNode('a')
    await startNode('b', { secret: 'another secret' })
    await startNode('c')
    owners.set('bob', 'b')
    setTimeout(() => owners.set('bob', 'c'), 100)

    const answer = await say(a, 'x')

    expect(answer.data).toEqual(['c', 'x'])
    expect(a.logged.join()).toContain('all need the same encryption key')
    expect(a.logged.join()).not.toContain(SECRET)
  })

  test('streams are connected to the owner, both ways', async () => {
    const [a] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'b')

    const { socket, head } = await openStream(a.url)
    socket.write('ping')
    const [echoed] = await once(socket, 'data')
    socket.end()
    await once(socket, 'close')

    expect(head).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: lines\r\nConnection: Upgrade\r\n\r\nb says hello',
    )
    expect(String(echoed)).toBe('ping')
  })

  test('a stream whose owner is gone ends, and one of its own is left alone', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')]
    owners.set('bob', 'a')
    const own = await openStream(a.url)
    owners.set('bob', 'b')
    const far = await openStream(a.url)

    await b.stop()
    await once(far.socket, 'close')

    expect(own.head).toContain('a says hello')
    own.socket.destroy()
  })
})

function addresses(listening: Listening, internal: Listening) {
  return { url: `http://127.0.0.1:${listening.port}`, internal: `http://127.0.0.1:${internal.port}` }
}

/** What a stream of these tests does: it greets, and repeats what it hears. */
function answerStream(_request: IncomingMessage, socket: Duplex, name: string): void {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: lines\r\nConnection: Upgrade\r\n\r\n')
  socket.write(`${name} says hello`)
  socket.pipe(socket)
}

async function openStream(url: string): Promise<{ socket: Socket; head: string }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write('GET /stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n')
  let head = ''
  while (!head.includes('hello')) head += String((await once(socket, 'data'))[0])
  return { socket, head }
}

/** Sends bytes as they are and answers with the first piece that comes back. */
async function exchange(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(request)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}

function withoutChance(answer: string): string {
  return answer.replace(/Request-Id: \w+/, 'Request-Id: x').replace(/Date: .*/, 'Date: x')
}
