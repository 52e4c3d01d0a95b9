import { type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { UpgradeListener } from '../../cluster/internal.ts'

/** A request that asks for a WebSocket, as long as it has no answer. */
export interface Upgrade {
  socket: Duplex
  /** What the client has sent beyond its request. */
  head: Buffer
  /** From now on the socket belongs to the caller, and nothing else is answered on it. */
  take(): void
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>()

/** The WebSocket a request asks for; undefined for ordinary requests. */
export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return upgrades.get(request)
}

/**
 * Sends requests for WebSockets through the application like all others, so that callers are known, limited and refused
 * in the same ways; the endpoint takes the socket out with `upgradeOf`.
 */
export function upgradesThrough(app: RequestListener): UpgradeListener {
  return (request, duplex, head) => {
    // Of an HTTP server these are sockets.
    const socket = duplex as Socket
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return asOrdinary(request, socket, head)
    // A client that goes away has nobody to tell.
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.destroySoon())
    upgrades.set(request, { socket, head, take: () => response.detachSocket(socket) })
    app(request, response)
  }
}

/** What a request for something else than a WebSocket loses, so that it is an ordinary one. */
const UPGRADE_HEADERS = ['upgrade', 'connection', 'http2-settings']

/**
 * A server that takes upgrades gets them all, also those that clients only offer: Java's asks for HTTP/2 (`h2c`) with its
 * first request. Node has stopped reading such a request at its body, so it is read again without the offer.
 */
function asOrdinary(request: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  const { rawHeaders } = request
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (!UPGRADE_HEADERS.includes(name.toLowerCase())) lines.push(`${name}: ${value}`)
  }
  const keeps = !/\bclose\b/i.test(request.headers.connection ?? '')
  lines.push(`Connection: ${keeps ? 'keep-alive' : 'close'}`)
  // Node reads the bytes of header lines as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  // Of an HTTP server the socket knows its server, which takes connections in this way too.
  const { server } = socket as Socket & { server: Server }
  server.emit('connection', socket)
}
