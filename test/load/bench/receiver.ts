import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { HttpReader } from './http-reader.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
/** Which message of which job a webhook is about: texts of contacts end like this, and nothing else does. */
const MARK = /"m(\d+)-(\d+) in"/
const POLL_MS = 5

/** Receives webhooks, and knows when which message arrived. */
export class Receiver {
  /** When each message of the present job arrived, by number; `performance.now()`. */
  readonly arrivals = new Map<number, number>()
  /** Webhooks of any kind since the job began. */
  hooks = 0
  #lastAt = 0
  #job = 0
  readonly #awaited = new Map<number, () => void>()
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    // A listening TCP server has an address object.
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/hook`
  }

  /** Forgets everything: what comes late from the job before counts no more. */
  begin(): void {
    this.#job++
    this.arrivals.clear()
    this.#awaited.clear()
    this.hooks = 0
    this.#lastAt = performance.now()
  }

  /** The text by which message `number` of this job is known. A contact adds ` in` when it answers. */
  markOf(number: number): string {
    return `m${this.#job}-${number}`
  }

  /** Resolves when that message arrives, with true; after `timeoutMs` with false. */
  arrived(number: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs)
      this.#awaited.set(number, () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }

  /** Waits for so many messages, as long as one comes at least every `patienceMs`. */
  async all(count: number, patienceMs: number): Promise<void> {
    const since = performance.now()
    const isHopeful = () => performance.now() - Math.max(since, this.#lastAt) < patienceMs
    while (this.arrivals.size < count && isHopeful()) await delay(POLL_MS)
  }

  /** Waits until no webhook has come for `quietMs`. */
  async quiet(quietMs: number): Promise<void> {
    const since = performance.now()
    while (performance.now() - Math.max(since, this.#lastAt) < quietMs) await delay(POLL_MS)
  }

  /** When the last webhook came; the beginning of the job while none has. */
  get lastAt(): number {
    return this.#lastAt
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(socket: Socket): void {
    const reader = new HttpReader()
    this.#sockets.add(socket.setNoDelay(true))
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      for (const { body } of reader.read(chunk)) {
        this.#note(body)
        socket.write(OK)
      }
    })
  }

  #note(body: Buffer): void {
    this.hooks++
    this.#lastAt = performance.now()
    const [, job, text] = MARK.exec(body.toString('latin1')) ?? []
    const number = Number(text)
    if (Number(job) !== this.#job || this.arrivals.has(number)) return
    this.arrivals.set(number, this.#lastAt)
    this.#awaited.get(number)?.()
  }
}
