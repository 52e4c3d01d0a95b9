import {
  createServer as createNodeServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { UpgradeListener } from '../cluster/internal.ts'

/** A server that accepts connections. */
export interface Listening {
  server: Server
  host: string
  /** The real port, also when a free one was asked for. */
  port: number
  /** From now on every answer asks the client to come back on a new connection, which may lead elsewhere. */
  drain(): void
  /** Accepts no more connections, waits up to `graceMs` for requests in progress, then cuts what is left. */
  stop(graceMs?: number): Promise<void>
}

/** Where to listen. */
export interface ListenPlace {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Among the workers of one machine: this process alone, where they otherwise share a port. */
  exclusive?: boolean
  /** Answers requests for streams. */
  upgrades?: UpgradeListener
}

/** Starts listening; rejects when the address cannot be used. */
export async function listen(
  app: RequestListener,
  { host, port, exclusive = false, upgrades }: ListenPlace,
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
  if (upgrades) server.on('upgrade', upgrades)
  const drain = prepareDrain(server)
  const stop = prepareStop(server)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // A TCP server that listens has an address object; text is for pipes.
  const address = server.address() as AddressInfo
  return {
    server,
    host,
    port: address.port,
    drain,
    stop: (graceMs = 10_000) => stop(graceMs),
  }
}

function prepareDrain(server: Server): () => void {
  const unanswered = new Set<ServerResponse>()
  let isDraining = false
  const sendAway = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close')
  }
  const watch: RequestListener = (_request, response) => {
    if (isDraining) return sendAway(response)
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
  }
  // Before the application, which may answer at once.
  server.prependListener('request', watch).prependListener('checkContinue', watch)

  return function drain() {
    isDraining = true
    for (const response of unanswered) sendAway(response)
  }
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
