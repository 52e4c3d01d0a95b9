import { createServer, type RequestListener, type Server } from 'node:http'
import {
  type AddressInfo,
  type Server as ConnectionServer,
  createServer as createConnectionServer,
  type Socket,
} from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { isRefusedAddress } from '../../src/media/fetch/address-rules.ts'
import { type Agents, type FetchOptions, openAgents, safeFetch } from '../../src/media/fetch/safe-fetch.ts'

const open = {
  agents: [] as Agents[],
  servers: [] as Server[],
  stuck: [] as ConnectionServer[],
  sockets: [] as Socket[],
}

afterEach(async () => {
  for (const agents of open.agents.splice(0)) agents.close()
  for (const socket of open.sockets.splice(0)) socket.destroy()
  for (const server of open.stuck.splice(0)) await new Promise((resolve) => server.close(resolve))
  for (const server of open.servers.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
})

function anyNetwork(): Agents {
  const agents = openAgents({ networks: 'any' })
  open.agents.push(agents)
  return agents
}

async function serve(listener: RequestListener): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.servers.push(server)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}/`, port: address.port, server }
}

describe('which addresses are refused', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fc00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
  ])('%s is private: refused in public mode, allowed otherwise', (address) => {
    expect(isRefusedAddress(address, 'public')).toBe(true)
    expect(isRefusedAddress(address, 'any')).toBe(false)
  })

  test.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
  ])('%s is never reached', (address) => {
    expect(isRefusedAddress(address, 'public')).toBe(true)
    expect(isRefusedAddress(address, 'any')).toBe(true)
  })

  test.each(['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => {
      expect(isRefusedAddress(address, 'public')).toBe(false)
    },
  )
})

describe('an address a message brought', () => {
  test.each([
    'http://127.0.0.1',
    'http://2130706433',
    'http://0177.0.0.1',
    'http://0x7f.1',
    'http://127.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://localhost',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]',
  ])('%s is refused although a server listens there', async (host) => {
    let requests = 0
    const { port } = await serve((_request, response) => {
      requests++
      response.end()
    })
    const url = new URL(host)
    url.port = String(port)

    await expect(safeFetch(url.href)).rejects.toMatchObject({ reason: 'forbidden_address' })
    expect(requests).toBe(0)
  })

  test.each(['ftp://example.com/x', 'file:///etc/passwd', 'not an address', 'data:text/plain,x'])(
    '%s is not an address to fetch',
    async (address) => {
      await expect(safeFetch(address)).rejects.toMatchObject({ reason: 'bad_address' })
    },
  )
})

describe('requests', () => {
  const fetchLocal = (url: string, options: FetchOptions = {}) =>
    safeFetch(url, { agents: anyNetwork(), ...options })

  test('a name that leads to an allowed address is fetched', async () => {
    const { port } = await serve((_request, response) => response.end('hello'))

    const answer = await fetchLocal(`http://localhost:${port}/`)

    expect(answer.status).toBe(200)
    expect(answer.body.toString()).toBe('hello')
  })

  test('a redirect is followed for GET, and each step is checked', async () => {
    const { url } = await serve((request, response) => {
      const targets: Record<string, string> = { '/good': '/end', '/bad': 'http://169.254.169.254/' }
      const location = targets[request.url ?? '']
      if (location) response.writeHead(302, { location })
      response.end('the end')
    })

    expect((await fetchLocal(`${url}good`)).body.toString()).toBe('the end')
    await expect(fetchLocal(`${url}bad`)).rejects.toMatchObject({ reason: 'forbidden_address' })
  })

  test('an endless redirect ends, and a POST is not redirected', async () => {
    const { url } = await serve((_request, response) => response.writeHead(307, { location: '/' }).end())

    await expect(fetchLocal(url)).rejects.toMatchObject({ reason: 'too_many_redirects' })
    expect((await fetchLocal(url, { method: 'POST', body: 'x' })).status).toBe(307)
  })

  test('credentials are not repeated to another host', async () => {
    const seen: unknown[] = []
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end()
    })
    const first = await serve((_request, response) => response.writeHead(302, { location: other.url }).end())

    await fetchLocal(first.url, { headers: { Authorization: 'secret' } })

    expect(seen).toEqual([undefined])
  })

  test('a body beyond the limit is refused, with or without a declared length', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/declared') response.setHeader('content-length', '3000')
      response.write('x'.repeat(2000))
      response.end('x'.repeat(1000))
    })

    await expect(fetchLocal(`${url}declared`, { maxBytes: 2500 })).rejects.toMatchObject({
      reason: 'too_large',
    })
    await expect(fetchLocal(url, { maxBytes: 2500 })).rejects.toMatchObject({ reason: 'too_large' })
    expect((await fetchLocal(url, { maxBytes: 2500, overflow: 'truncate' })).body.length).toBe(2500)
  })

  test('a compressed body is limited by its real size', async () => {
    const { url } = await serve((request, response) => {
      const big = Buffer.alloc(5_000_000)
      if (request.url === '/br')
        response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(big))
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big))
    })

    await expect(fetchLocal(url, { maxBytes: 100_000 })).rejects.toMatchObject({ reason: 'too_large' })
    await expect(fetchLocal(`${url}br`, { maxBytes: 100_000 })).rejects.toMatchObject({ reason: 'too_large' })
    expect((await fetchLocal(url)).body.length).toBe(5_000_000)
  })

  test('an endless answer is cut at the limit and the connection ended', async () => {
    const { url, server } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })

    const answer = await fetchLocal(url, { maxBytes: 1000, overflow: 'truncate' })

    expect(answer.body.length).toBe(1000)
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))))
      .toBe(0)
  })

  test('a server that is too slow is given up, while connecting or in the middle of a body', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/drip') response.write('x')
    })

    await expect(fetchLocal(url, { timeoutMs: 100 })).rejects.toMatchObject({ reason: 'timeout' })
    await expect(fetchLocal(`${url}drip`, { timeoutMs: 100 })).rejects.toMatchObject({ reason: 'timeout' })
  })

  test('a user in the address is told to the server, whatever signs the password holds', async () => {
    const told: (string | undefined)[] = []
    const { port } = await serve(({ headers }, response) => {
      told.push(headers.authorization)
      response.end()
    })

    for (const user of ['me:50%', 'me%40home:%E4', ':only%20this'])
      await safeFetch(`http://${user}@127.0.0.1:${port}/`, { agents: anyNetwork() })

    const basic = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`
    expect(told).toEqual([basic('me:50%'), basic('me@home:\xe4'), basic(':only this')])
  })

  describe('a server that makes no progress is given up', () => {
    const stalled = { reason: 'timeout', message: 'no progress for 200 ms' }
    const limits = { stallMs: 200, timeoutMs: 60_000 }

    test('when it does not answer', async () => {
      const { url } = await serve(() => {})

      await expect(safeFetch(url, { ...limits, agents: anyNetwork() })).rejects.toMatchObject(stalled)
    })

    test('when it sends a byte now and then', async () => {
      const { url } = await serve((_request, response) => {
        const timer = setInterval(() => response.write('x'), 20)
        response.on('close', () => clearInterval(timer))
      })

      await expect(safeFetch(url, { ...limits, agents: anyNetwork() })).rejects.toMatchObject(stalled)
    })

    test('when it takes nothing of what it is sent', async () => {
      const { url } = await serve((request) => request.pause())
      const body = Buffer.alloc(32 * 1024 * 1024)

      const sent = safeFetch(url, { ...limits, method: 'PUT', body, agents: anyNetwork() })

      await expect(sent).rejects.toMatchObject(stalled)
    })

    test('but not when it is only slow', async () => {
      const { url } = await serve(async (request, response) => {
        let size = 0
        for await (const chunk of request) size += chunk.length
        const pieces = Array(10).fill(Buffer.alloc(5_000))
        const timer = setInterval(() => {
          if (pieces.length > 0) response.write(pieces.pop())
          else response.end(String(size), () => clearInterval(timer))
        }, 60)
      })
      const body = Buffer.alloc(1_000_000)

      const answer = await safeFetch(url, { ...limits, method: 'PUT', body, agents: anyNetwork() })

      expect(answer.body.subarray(50_000).toString()).toBe('1000000')
    })
  })

  describe('a server that answers before it has read the request', () => {
    const body = Buffer.alloc(32 * 1024 * 1024)
    const ways: [string, FetchOptions][] = [
      ['watched', { stallMs: 10_000 }],
      ['not watched', {}],
      ['not read', { stallMs: 10_000, sink: async () => {} }],
    ]

    const connectionsOf = ({ http }: Agents) =>
      Object.keys(http.sockets).length + Object.keys(http.freeSockets).length

    /** Answers, reads no more, and keeps the connection. */
    const answerEarly = async (answer: string) => {
      const server = createConnectionServer((socket) => {
        open.sockets.push(socket.on('error', () => {}))
        socket.once('data', () => {
          socket.pause()
          socket.write(answer)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      open.stuck.push(server)
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    }

    test.each(
      [200, 204, 403].flatMap((status) => ways.map(([way, options]) => [status, way, options] as const)),
    )('with %i is heard, and the connection closed, when it is %s', async (status, _way, options) => {
      const content = status === 204 ? '' : 'content-length: 2\r\n\r\nok'
      const url = await answerEarly(`HTTP/1.1 ${status} x\r\n${content || '\r\n'}`)
      const agents = anyNetwork()

      const answer = await safeFetch(url, { ...options, method: 'PUT', body, agents })

      expect(answer.status).toBe(status)
      await expect.poll(() => connectionsOf(agents), { timeout: 3_000 }).toBe(0)
    })

    test('with more than is wanted is refused, and the connection closed', async () => {
      const url = await answerEarly('HTTP/1.1 200 x\r\ncontent-length: 900\r\n\r\n')
      const agents = anyNetwork()

      const sent = safeFetch(url, { method: 'PUT', body, agents, maxBytes: 100 })

      await expect(sent).rejects.toMatchObject({ reason: 'too_large' })
      await expect.poll(() => connectionsOf(agents), { timeout: 3_000 }).toBe(0)
    })
  })

  test('the caller can give up', async () => {
    const { url } = await serve(() => {})
    const controller = new AbortController()

    const request = fetchLocal(url, { signal: controller.signal })
    controller.abort()

    await expect(request).rejects.toMatchObject({ reason: 'aborted' })
  })

  test('nobody listening is unreachable', async () => {
    const { url, server } = await serve(() => {})
    await new Promise((resolve) => server.close(resolve))

    await expect(fetchLocal(url)).rejects.toMatchObject({ reason: 'unreachable' })
  })

  test('a request whose answer had begun when the connection was reset is not made again', async () => {
    let requests = 0
    const { url } = await serve((request, response) => {
      if (++requests === 1) response.end('ok')
      else
        response
          .writeHead(200)
          .write('the beginning', () => setTimeout(() => request.socket.resetAndDestroy(), 50))
    })
    const agents = anyNetwork()
    await fetchLocal(url, { agents })
    await new Promise(setImmediate)

    await expect(fetchLocal(url, { agents, method: 'POST', body: 'x' })).rejects.toMatchObject({
      reason: 'unreachable',
    })

    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(requests).toBe(2)
  })

  test('connections are kept for the next request, and one that the server closed is replaced', async () => {
    const ports = new Set<number | undefined>()
    const { url, server } = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('ok')
    })
    const agents = anyNetwork()

    await fetchLocal(url, { agents })
    await new Promise(setImmediate)
    await fetchLocal(url, { agents })
    expect(ports.size).toBe(1)

    server.closeAllConnections()
    expect((await fetchLocal(url, { agents, method: 'POST', body: 'again' })).status).toBe(200)
  })
})
