import { once } from 'node:events'
import {
  createServer as createNodeServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextLook } from 'node:timers/promises'
import type { UpgradeListener } from '../cluster/internal.ts'

/** A server that accepts connections. */
export interface Listening {
  server: Server
  host: string
  /** The real port, also when a free one was asked for. */
  port: number
  /**
   * From now on every answer asks the client to come back on a new connection, which may lead elsewhere. Resolves when
   * no connection of before is left, or after `patienceMs`: then an end resets nothing that a client may be using.
   */
  drain(patienceMs: number): Promise<void>
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

/** A connection that has brought no request for so long is not about to. */
const UNUSED_MS = 500
/** A busy process gets so many tries to stop listening at a moment when nothing has just come. */
const LOOKS = 50

function prepareDrain(server: Server): Listening['drain'] {
  const unanswered = new Set<ServerResponse>()
  const connections = new Set<Socket>()
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
  server.on('connection', (socket: Socket) => {
    if (isDraining) return
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  // A stream is never answered.
  server.prependListener('upgrade', ({ socket }) => connections.delete(socket))

  return async function drain(patienceMs) {
    isDraining = true
    for (const response of unanswered) sendAway(response)
    const tooLong = AbortSignal.timeout(patienceMs)
    const ends = [...connections].map((socket) => once(socket, 'close', { signal: tooLong }).catch(() => {}))
    await Promise.all(ends)
  }
}

/**
 * Node closes idle connections only when asked, and does not count as idle what has not brought a request yet; browsers
 * keep both kinds open for minutes. An upgraded connection stays among the unused ones, so it cannot delay either.
 */
function prepareStop(server: Server): (graceMs: number) => Promise<void> {
  const unused = new Map<Socket, number>()
  let stopping = false
  server.on('connection', (socket: Socket) => {
    unused.set(socket, performance.now())
    socket.once('close', () => unused.delete(socket))
  })
  const watch: RequestListener = (request, response) => {
    unused.delete(request.socket)
    response.once('close', () => {
      if (stopping) setImmediate(() => server.closeIdleConnections())
    })
  }
  server.on('request', watch).on('checkContinue', watch)
  const closeUnused = () => {
    const latest = performance.now() - UNUSED_MS
    for (const [socket, since] of unused) if (since <= latest) socket.destroy()
  }

  return async function stop(graceMs) {
    stopping = true
    await looked()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    closeUnused()
    const closing = setInterval(closeUnused, UNUSED_MS / 5)
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearInterval(closing)
    clearTimeout(cut)
  }
}

/**
 * Resolves right after Node has accepted what had come: the system resets connections that still wait for that when
 * nobody listens any more.
 */
async function looked(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const from = performance.now()
    await nextLook()
    if (performance.now() - from < 1) return
  }
}
