import { createServer, type Socket } from 'node:net'

/** A server that accepts connections and is of no use afterwards. */
export interface StuckServer {
  url: string
  /** Connections so far. */
  readonly connections: number
  close(): Promise<void>
}

/** Never answers; with `trickleMs` it sends a piece of an answer now and then, a byte unless told otherwise. */
export async function startStuckServer({
  trickleMs,
  pieceBytes = 1,
}: {
  trickleMs?: number
  pieceBytes?: number
} = {}): Promise<StuckServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.resume()
    const timer = trickleMs && setInterval(() => socket.write('x'.repeat(pieceBytes)), trickleMs)
    if (timer) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n')
    socket.on('close', () => {
      sockets.delete(socket)
      if (timer) clearInterval(timer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
