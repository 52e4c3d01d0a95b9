import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A webhook that arrived and was taken. */
export interface Accepted {
  /** The delivery id: the same for every attempt at one delivery. */
  id: string
  /** The text of the message inside. */
  text: string
  /** When it arrived, in milliseconds since 1970. */
  at: number
}

const SLOW_MS = 150
/** Of so many requests in a slow mood, one is answered when its sender has given up. */
const ONE_TOO_LATE_IN = 5

/** A receiver that changes its mood: fast, slow and sometimes too slow, failing, or closing connections. */
export class MoodyReceiver {
  readonly accepted: Accepted[] = []
  /** Different texts among them. */
  readonly texts = new Set<string>()
  /** Requests it refused or dropped. */
  refused = 0
  /** Requests it took, and whose sender had gone when it answered. */
  answeredTooLate = 0
  mood: 'good' | 'slow' | 'failing' | 'closing' = 'good'
  readonly #server: Server
  readonly #timeoutMs: number
  /** Ids whose sender cannot know that they arrived, and therefore has to repeat them. */
  readonly #unanswered = new Set<string>()
  #slowRequests = 0

  private constructor(server: Server, timeoutMs: number) {
    this.#server = server
    this.#timeoutMs = timeoutMs
  }

  /** `timeoutMs` is how long its senders wait for an answer. */
  static async start({ timeoutMs }: { timeoutMs: number }): Promise<MoodyReceiver> {
    const server = createServer()
    const receiver = new MoodyReceiver(server, timeoutMs)
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => void receiver.#answer(request, response, body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    // A listening TCP server has an address object.
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/hook`
  }

  /** Deliveries that were taken, whose sender was not told, and that were not repeated so far. */
  get notRepeated(): number {
    return this.#unanswered.size
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const { mood } = this
    const at = Date.now()
    if (mood === 'closing') {
      this.refused++
      request.socket.destroy()
      return
    }
    if (mood === 'failing') {
      this.refused++
      response.writeHead(503).end()
      return
    }
    const text = /"(?:text|conversation)":"(t[^"]*)"/.exec(body)?.[1]
    const id = String(request.headers['webhook-id'])
    if (mood === 'slow' && ++this.#slowRequests % ONE_TOO_LATE_IN === 0) {
      if (text) {
        this.#take({ id, text, at })
        this.#unanswered.add(id)
      }
      await delay(2 * this.#timeoutMs)
      if (request.socket.destroyed) this.answeredTooLate++
      else this.#unanswered.delete(id)
      response.end('ok')
      return
    }
    if (mood === 'slow') await delay(SLOW_MS)
    // Counted only once the sender has the answer, as a receiver's own commit would be.
    response.end('ok', () => {
      if (!text) return
      this.#take({ id, text, at })
      this.#unanswered.delete(id)
    })
  }

  #take(accepted: Accepted): void {
    this.accepted.push(accepted)
    this.texts.add(accepted.text)
  }
}
