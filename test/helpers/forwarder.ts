import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP port in front of another one that can be cut and mended. */
export interface Forwarder {
  port: number
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>
  mend(): Promise<void>
  close(): Promise<void>
}

/** Passes connections on to `target`. */
export async function startForwarder(target: { host: string; port: number }): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  let server = await listen(0)

  async function listen(port: number): Promise<Server> {
    const created = createServer((inner) => {
      const outer = connect(target)
      for (const [socket, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        sockets.add(socket)
        socket.on('error', () => other.destroy())
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      }
      inner.pipe(outer).pipe(inner)
    })
    await new Promise<void>((resolve) => created.listen(port, '127.0.0.1', resolve))
    return created
  }

  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the forwarder has no port')
  const { port } = address

  async function cut(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    port,
    cut,
    mend: async () => {
      server = await listen(port)
    },
    close: cut,
  }
}
