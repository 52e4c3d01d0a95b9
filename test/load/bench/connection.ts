import { connect, type Socket } from 'node:net'
import { type HttpMessage, HttpReader } from './http-reader.ts'

interface Waiting {
  resolve(answer: HttpMessage): void
  reject(error: Error): void
}

const TIMEOUT_MS = 30_000

/** One kept connection to a server on this machine, with one request at a time. */
export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #waiting: Waiting | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Sends the bytes of a request; connects where the other side has closed meanwhile. Rejects when no answer comes. */
  request(bytes: string): Promise<HttpMessage> {
    if (this.#waiting) throw new Error('the connection waits for an answer')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket ??= this.#open()
      this.#socket.write(bytes)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #open(): Socket {
    const reader = new HttpReader()
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true)
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer came')))
    socket.on('data', (chunk) => {
      const [answer] = reader.read(chunk)
      if (answer) this.#settle()?.resolve(answer)
    })
    socket.once('error', (error) => this.#settle()?.reject(error))
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined
      this.#settle()?.reject(new Error('the connection was closed'))
    })
    return socket
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }
}

/** Connections for requests that do not wait for each other. */
export class Connections {
  readonly #port: number
  readonly #idle: Connection[] = []
  readonly #all: Connection[] = []

  constructor(port: number) {
    this.#port = port
  }

  async request(bytes: string): Promise<HttpMessage> {
    const connection = this.#idle.pop() ?? this.#add()
    try {
      return await connection.request(bytes)
    } finally {
      this.#idle.push(connection)
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close()
  }

  #add(): Connection {
    const connection = new Connection(this.#port)
    this.#all.push(connection)
    return connection
  }
}
