import { createServer, type Socket } from 'node:net'

/** What answers where something else was expected. */
export type Strangeness = 'closes at once' | 'is silent' | 'speaks HTTP' | 'sends noise'

export const strangenesses: Strangeness[] = ['closes at once', 'is silent', 'speaks HTTP', 'sends noise']

const HTTP_ANSWER =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<h1>Hello.</h1>'

/** Answers on a connection in one of those ways. */
export function answerStrangely(socket: Socket, strangeness: Strangeness): void {
  // The other end may be gone before it has heard everything.
  socket.on('error', () => {})
  if (strangeness === 'closes at once') socket.end()
  else if (strangeness === 'sends noise') socket.write(Buffer.alloc(64, 0xff))
  else if (strangeness === 'speaks HTTP') socket.once('data', () => socket.end(HTTP_ANSWER))
  socket.resume()
}

export interface StrangePeer {
  port: number
  /** How many connections there have been. */
  readonly visits: number
  close(): Promise<void>
}

/** A port where nothing answers as anybody expects. */
export async function startStrangePeer(strangeness: Strangeness): Promise<StrangePeer> {
  const sockets = new Set<Socket>()
  let visits = 0
  const server = createServer((socket) => {
    visits++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    answerStrangely(socket, strangeness)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the peer has no port')
  return {
    port: address.port,
    get visits() {
      return visits
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
