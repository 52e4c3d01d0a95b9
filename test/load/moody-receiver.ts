import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A webhook that arrived and was answered with 200. */
export interface Accepted {
  /** The delivery id: the same for every attempt at one delivery. */
  id: string
  /** The text of the message inside. */
  text: string
}

/** A receiver that changes its mood: fast, slow, failing, closing connections, or away altogether. */
export class MoodyReceiver {
  readonly accepted: Accepted[] = []
  /** Different texts among them. */
  readonly texts = new Set<string>()
  /** Requests it refused, dropped or was too slow for. */
  refused = 0
  mood: 'good' | 'slow' | 'failing' | 'closing' = 'good'
  #server: Server
  #port = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<MoodyReceiver> {
    const server = createServer()
    const receiver = new MoodyReceiver(server)
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', async () => {
        const { mood } = receiver
        if (mood === 'closing') {
          receiver.refused++
          request.socket.destroy()
          return
        }
        if (mood === 'slow') await delay(150)
        if (mood === 'failing') {
          receiver.refused++
          response.writeHead(503).end()
          return
        }
        const text = /"(?:text|conversation)":"(t[^"]*)"/.exec(body)?.[1]
        // Counted only once the sender has the answer, as a receiver's own commit would be.
        response.end('ok', () => {
          if (!text) return
          receiver.accepted.push({ id: String(request.headers['webhook-id']), text })
          receiver.texts.add(text)
        })
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // A listening TCP server has an address object.
    receiver.#port = (server.address() as AddressInfo).port
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
