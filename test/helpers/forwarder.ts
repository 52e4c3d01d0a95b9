import { connect, createServer, type Server, type Socket } from 'node:net'
import { answerStrangely, type Strangeness } from './strange-peer.ts'

/** A TCP port in front of another one that can be cut and mended. */
export interface Forwarder {
  port: number
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Ends all connections and lets something else answer new ones, until it is told `undefined`. */
  impersonate(strangeness: Strangeness | undefined): void
  /** How many connections something else has answered since it was last told to. */
  readonly impersonated: number
  /** Sends bytes to every client, as if the target had. */
  say(bytes: Uint8Array): void
  /** Ends the next connection on which the target says something, instead of passing that on; true once it has. */
  cutAt(said: string): () => boolean
  /** Keeps every connection and passes nothing on any more. */
  silence(): void
  close(): Promise<void>
}

/** Passes connections on to `target`. */
export async function startForwarder(target: { host: string; port: number }): Promise<Forwarder> {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  let strangeness: Strangeness | undefined
  let impersonated = 0
  let unsaid: { text: string } | undefined
  let server = await listen(0)

  async function listen(port: number): Promise<Server> {
    const created = createServer((inner) => {
      if (strangeness) {
        impersonated++
        sockets.add(inner)
        inner.on('close', () => sockets.delete(inner))
        answerStrangely(inner, strangeness)
        return
      }
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
      // Before it is passed on.
      outer.on('data', (chunk) => {
        if (!unsaid || !chunk.includes(unsaid.text)) return
        unsaid = undefined
        inner.destroy()
        outer.destroy()
      })
      clients.add(inner)
      inner.once('close', () => clients.delete(inner))
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
    impersonate: (next) => {
      strangeness = next
      impersonated = 0
      for (const socket of sockets) socket.destroy()
    },
    get impersonated() {
      return impersonated
    },
    say: (bytes) => {
      for (const client of clients) client.write(bytes)
    },
    cutAt: (text) => {
      const cut = { text }
      unsaid = cut
      return () => unsaid !== cut
    },
    silence: () => {
      for (const socket of sockets) socket.unpipe().resume()
    },
    close: cut,
  }
}
