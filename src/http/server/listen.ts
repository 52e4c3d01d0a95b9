import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, Server as TlsServer } from 'node:https'
import { type AddressInfo, Server as TcpServer } from 'node:net'
import { setImmediate as nextLook } from 'node:timers/promises'
import type { UpgradeListener } from '../../cluster/internal.ts'
import { Connections } from './connections.ts'
import type { Tls } from './tls-files.ts'

/** A server that accepts connections. */
export interface Listening {
  server: Server | TlsServer
  host: string
  /** The real port, also when a free one was asked for. */
  port: number
  /**
   * Accepts no more connections, and asks the clients of those there are to come back on another one, which leads
   * elsewhere. Resolves when all have gone, or after `patienceMs`: then an end resets nothing that is being used.
   */
  leave(patienceMs: number): Promise<void>
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
  /** With it connections are encrypted, and others are closed. */
  tls?: Tls
}

/** Starts listening; rejects when the address cannot be used. */
export async function listen(
  app: RequestListener,
  { host, port, exclusive = false, upgrades, tls }: ListenPlace,
): Promise<Listening> {
  const server = createServer(app, tls)
  // Older servers of this kind have the same limit for headers. The body has its own limit between pieces (body.ts): a limit on the whole request would
  // end a long upload that makes progress.
  server.headersTimeout = 20_000
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  // A connection on which nothing moves in either direction; longer than any operation may take.
  server.timeout = 180_000
  // Registered so that "100 Continue" is sent when a body is read and not before the caller is known.
  server.on('checkContinue', app)
  const connections = new Connections(server)
  if (upgrades)
    server.on('upgrade', (request, socket, head) => {
      connections.becameStream(request.socket)
      upgrades(request, socket, head)
    })
  const stopFollowing = server instanceof TlsServer ? tls?.follow(server) : undefined
  server.once('close', () => stopFollowing?.())
  const { leave, stop } = prepareEnd(server, connections)

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
    leave,
    stop,
  }
}

/** As long as for headers. */
const HANDSHAKE_MS = 20_000

function createServer(app: RequestListener, tls: Tls | undefined): Server | TlsServer {
  const options = { connectionsCheckingInterval: 5_000 }
  if (!tls) return createHttpServer(options, app)
  return createHttpsServer({ ...options, ...tls.identity, handshakeTimeout: HANDSHAKE_MS }, app)
}

const CLOSING_MS = 100
/** A busy process gets so many tries to stop listening at a moment when nothing has just come. */
const LOOKS = 50

/**
 * Node closes idle connections only when asked, and does not count as idle what has not brought a request yet; browsers
 * keep both kinds open for minutes.
 */
function prepareEnd(server: Server | TlsServer, connections: Connections): Pick<Listening, 'leave' | 'stop'> {
  let ended: Promise<void> | undefined

  async function stopListening(): Promise<void> {
    await looked()
    ended = new Promise((resolve) => server.once('close', resolve))
    // Without closing idle connections, which the method of HTTP servers does.
    TcpServer.prototype.close.call(server)
    connections.sendAway()
  }

  return {
    async leave(patienceMs) {
      await stopListening()
      await connections.gone(patienceMs)
    },
    async stop(graceMs = 10_000) {
      if (!ended) await stopListening()
      const closeIdle = () => {
        server.closeIdleConnections()
        connections.closeUnused()
      }
      closeIdle()
      const closing = setInterval(closeIdle, CLOSING_MS)
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await ended
      clearInterval(closing)
      clearTimeout(cut)
      // Ends what else an HTTP server has begun.
      server.close()
    },
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
