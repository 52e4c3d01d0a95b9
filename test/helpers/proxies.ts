import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A real proxy that remembers what it was asked for. */
export interface TestProxy {
  /** `http://…` or `socks5://…`, with the credentials if it demands any. */
  url: string
  /** Targets in the order they were asked for: `CONNECT host:port`, `GET http://…`, `SOCKS host:port`. */
  targets: string[]
  close(): Promise<void>
}

export interface ProxyOptions {
  /** Demanded as `user:password`. */
  credentials?: string
  /** Names this proxy looks up itself, and where they lead. */
  names?: Record<string, string>
}

/** An HTTP proxy: tunnels for `CONNECT`, forwards what is asked for in absolute form. */
export async function startHttpProxy({ credentials, names = {} }: ProxyOptions = {}): Promise<TestProxy> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  const isWelcome = (authorization: string | undefined) =>
    !credentials || authorization === `Basic ${Buffer.from(credentials).toString('base64')}`

  const server = createHttpServer((request, response) => {
    targets.push(`${request.method} ${request.url}`)
    if (!isWelcome(request.headers['proxy-authorization'])) {
      response.writeHead(407).end()
      return
    }
    const url = new URL(request.url ?? '')
    const onward = httpRequest(
      {
        host: names[url.hostname] ?? url.hostname,
        port: url.port,
        path: url.pathname,
        method: request.method,
        headers: request.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.writeHead(502).end())
    request.pipe(onward)
  })
  server.on('connect', (request, inner: Socket) => {
    targets.push(`CONNECT ${request.url}`)
    if (!isWelcome(request.headers['proxy-authorization'])) {
      inner.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const [host = '', port] = (request.url ?? '').split(':')
    const outer = connect(Number(port), names[host] ?? host, () => {
      inner.write('HTTP/1.1 200 Connection established\r\n\r\n')
      join(inner, outer)
    })
    outer.on('error', () => inner.destroy())
  })
  return listen(server, { scheme: 'http', targets, sockets, credentials })
}

/** A SOCKS5 proxy (RFC 1928, user and password as in RFC 1929). */
export async function startSocksProxy({ credentials, names = {} }: ProxyOptions = {}): Promise<TestProxy> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((inner) => {
    inner.on('error', () => inner.destroy())
    void serve(inner).catch(() => inner.destroy())
  })

  async function serve(inner: Socket): Promise<void> {
    const read = reader(inner)
    const [, methods = 0] = await read(2)
    await read(methods)
    inner.write(Buffer.from([5, credentials ? 2 : 0]))
    if (credentials) {
      const user = await read((await read(2))[1] ?? 0)
      const password = await read((await read(1))[0] ?? 0)
      const isWelcome = `${user}:${password}` === credentials
      inner.write(Buffer.from([1, isWelcome ? 0 : 1]))
      if (!isWelcome) {
        inner.end()
        return
      }
    }
    const kind = (await read(4))[3]
    const address =
      kind === 1 ? [...(await read(4))].join('.') : (await read((await read(1))[0] ?? 0)).toString()
    const port = (await read(2)).readUInt16BE()
    targets.push(`SOCKS ${address}:${port}`)
    const outer = connect(port, names[address] ?? address, () => {
      inner.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
      join(inner, outer)
    })
    outer.on('error', () => inner.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])))
  }

  return listen(server, { scheme: 'socks5', targets, sockets, credentials })
}

/** Reads exactly so many bytes, and leaves the rest for the next reader. */
function reader(socket: Socket): (size: number) => Promise<Buffer> {
  return async (size) => {
    for (;;) {
      const bytes: Buffer | null = size === 0 ? Buffer.alloc(0) : socket.read(size)
      if (bytes) return bytes
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve)
        socket.once('close', reject)
      })
    }
  }
}

function join(inner: Socket, outer: Socket): void {
  inner.on('error', () => outer.destroy())
  outer.on('error', () => inner.destroy())
  inner.pipe(outer).pipe(inner)
}

interface Parts {
  scheme: string
  targets: string[]
  sockets: Set<Socket>
  credentials?: string
}

async function listen(server: Server, { scheme, targets, sockets, credentials }: Parts): Promise<TestProxy> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server's address is always an object.
  const { port } = server.address() as AddressInfo
  return {
    url: `${scheme}://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`,
    targets,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
