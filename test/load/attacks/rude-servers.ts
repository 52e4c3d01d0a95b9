import { createServer, type RequestListener } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface RudeServer {
  url: string
  port: number
  stop: () => void
}

const TRICKLE_MS = 1_000

/** Takes connections and whatever is sent there, and never says a word. */
export function silentServer(): Promise<RudeServer> {
  return tcpServer((socket) => socket.resume())
}

/** Answers with a head, and then with one byte a second for ever. */
export function tricklingServer(): Promise<RudeServer> {
  return tcpServer((socket) => {
    socket.resume()
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: 1000000\r\n\r\n')
    const dripping = setInterval(() => socket.write(' '), TRICKLE_MS)
    socket.once('close', () => clearInterval(dripping))
  })
}

/** Takes its time before each answer, a different one each time, up to `withinMs`. */
export function slowServer(withinMs: number): Promise<RudeServer> {
  return httpServer(async (request, response) => {
    request.resume()
    await delay(Math.random() * withinMs)
    response.end('ok')
  })
}

/** Fails at once, every time. */
export function failingServer(): Promise<RudeServer> {
  return httpServer((request, response) => {
    request.resume()
    response.writeHead(503).end()
  })
}

/** A proxy that lets everything through but files, whose requests it swallows: to its users the media host is silent. */
export function silentMediaProxy(): Promise<RudeServer> {
  return tcpServer((socket) => {
    socket.once('data', (head) => {
      const [, host, port] = /^CONNECT ([\d.]+):(\d+) /.exec(head.toString('latin1')) ?? []
      if (!host) return socket.destroy()
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.once('data', (first) => {
        if (/^(GET \/v\/|POST \/mms\/)/.test(first.toString('latin1'))) return socket.resume()
        const target = connect(Number(port), host)
        target.write(first)
        target.pipe(socket).pipe(target)
        target.once('error', () => socket.destroy())
        target.once('close', () => socket.destroy())
        socket.once('close', () => target.destroy())
      })
    })
  })
}

/** Speaks HTTP where something else is expected. */
export function httpServer(answer: RequestListener): Promise<RudeServer> {
  return listening(createServer(answer))
}

function tcpServer(take: (socket: Socket) => void): Promise<RudeServer> {
  return listening(createTcpServer(take))
}

async function listening(server: Server): Promise<RudeServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    // The other side gives up or is killed: nothing to see here.
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
