import type { RequestListener, Server, ServerResponse } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A connection that has brought no request for so long is not about to. */
const UNUSED_MS = 500

/** The connections of a server, as far as its end needs to know them. */
export class Connections {
  readonly #all = new Set<Socket>()
  /** When those came that have not brought a request yet. */
  readonly #unused = new Map<Socket, number>()
  readonly #unanswered = new Set<ServerResponse>()
  /** With encryption: the connection below each socket that requests come from. */
  readonly #below = new WeakMap<Socket, Socket>()
  #isLeaving = false

  constructor(server: Server | TlsServer) {
    if (server instanceof TlsServer) this.#lookBelow(server)
    server.on('connection', (socket: Socket) => {
      this.#all.add(socket)
      this.#unused.set(socket, performance.now())
      socket.once('close', () => {
        this.#all.delete(socket)
        this.#unused.delete(socket)
      })
    })
    const watch: RequestListener = (request, response) => {
      this.#unused.delete(this.#plain(request.socket))
      this.#unanswered.add(response)
      response.once('close', () => this.#unanswered.delete(response))
      if (this.#isLeaving) sendAway(response)
    }
    // Before the application, which may answer at once.
    server.prependListener('request', watch).prependListener('checkContinue', watch)
  }

  /** Takes out one that became a stream: it is never answered, and whoever closes streams may not know it. */
  becameStream(socket: Socket): void {
    this.#all.delete(this.#plain(socket))
    this.#unused.set(this.#plain(socket), Number.NEGATIVE_INFINITY)
  }

  /** From now on every answer ends its connection. */
  sendAway(): void {
    this.#isLeaving = true
    for (const response of this.#unanswered) sendAway(response)
  }

  /** Resolves when all that clients may yet use are closed, or after `patienceMs`. */
  async gone(patienceMs: number): Promise<void> {
    const unused = new Set(this.#longUnused())
    const used = [...this.#all].filter((socket) => !unused.has(socket))
    const ends = used.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    await Promise.race([Promise.all(ends), delay(patienceMs, undefined, { ref: false })])
  }

  /** Ends those that have not brought a request for so long that none is on its way. */
  closeUnused(): void {
    for (const socket of this.#longUnused()) socket.destroy()
  }

  /** Node does not say which connection a socket encrypts, but both have the same address at their other end. */
  #lookBelow(server: TlsServer): void {
    const plain = new Map<string, Socket>()
    server.on('connection', (socket: Socket) => {
      const ends = endsOf(socket)
      plain.set(ends, socket)
      socket.once('close', () => {
        if (plain.get(ends) === socket) plain.delete(ends)
      })
    })
    server.on('secureConnection', (socket: Socket) => {
      const below = plain.get(endsOf(socket))
      if (below) this.#below.set(socket, below)
    })
  }

  #plain(socket: Socket): Socket {
    return this.#below.get(socket) ?? socket
  }

  #longUnused(): Socket[] {
    const latest = performance.now() - UNUSED_MS
    return [...this.#unused].filter(([, since]) => since <= latest).map(([socket]) => socket)
  }
}

function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}

function sendAway(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}
