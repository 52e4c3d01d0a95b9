import { createServer as createNodeServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server that accepts connections. */
export interface Listening {
  server: Server
  host: string
  /** The real port, also when a free one was asked for. */
  port: number
  /** Accepts no more connections, waits up to `graceMs` for requests in progress, then cuts what is left. */
  stop(graceMs?: number): Promise<void>
}

/** Starts listening; rejects when the address cannot be used. `port` 0 takes a free one. */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createNodeServer({ connectionsCheckingInterval: 5_000 }, app)
  // wuzapi's limit for headers. The body has its own limit between pieces (body.ts): a limit on the whole request would
  // end a long upload that makes progress.
  server.headersTimeout = 20_000
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  // A connection on which nothing moves in either direction; longer than any operation may take.
  server.timeout = 180_000
  // Registered so that "100 Continue" is sent when a body is read and not before the caller is known.
  server.on('checkContinue', app)
  const stop = prepareStop(server)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // A TCP server that listens has an address object; text is for pipes.
  const address = server.address() as AddressInfo
  return { server, host, port: address.port, stop: (graceMs = 10_000) => stop(graceMs) }
}

/**
 * Node closes idle connections only when asked, and does not count as idle what has not brought a request yet; browsers
 * keep both kinds open for minutes. An upgraded connection stays among the unused ones, so it cannot delay either.
 */
function prepareStop(server: Server): (graceMs: number) => Promise<void> {
  const unused = new Set<Socket>()
  let stopping = false
  server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  const watch: RequestListener = (request, response) => {
    unused.delete(request.socket)
    response.once('close', () => {
      if (stopping) setImmediate(() => server.closeIdleConnections())
    })
  }
  server.on('request', watch).on('checkContinue', watch)

  return async function stop(graceMs) {
    stopping = true
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    for (const socket of unused) socket.destroy()
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(cut)
  }
}
