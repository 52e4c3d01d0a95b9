import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { WebSocket } from 'ws'

/** How long a browser waits before it opens the stream anew. */
const RETRY_MS = 2_000

/**
 * An answer that goes on (`text/event-stream`), with the members of a WebSocket that streams use: whoever looks after
 * streams need not know which of the two it is.
 */
export class EventResponse extends EventEmitter<{ close: []; pong: []; error: [Error] }> {
  readonly #response: ServerResponse

  /** Answers the request: from now on it is a stream. */
  constructor(response: ServerResponse) {
    super()
    this.#response = response
    response.once('close', () => this.emit('close'))
    response.on('error', (error) => this.emit('error', error))
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // A proxy in between must not wait for more.
      'X-Accel-Buffering': 'no',
    })
    response.write(`retry: ${RETRY_MS}\n\n`)
  }

  get readyState(): number {
    if (this.#response.destroyed || this.#response.closed) return WebSocket.CLOSED
    return this.#response.writableEnded ? WebSocket.CLOSING : WebSocket.OPEN
  }

  get bufferedAmount(): number {
    return this.#response.writableLength
  }

  send(frame: string | Buffer): void {
    if (this.readyState === WebSocket.OPEN) this.#response.write(frame)
  }

  /** Who does not read is noticed by what waits: the other side has no way to answer. */
  ping(): void {
    this.send(': still here\n\n')
    this.emit('pong')
  }

  /** Ends the stream; the reason stands in a comment, for people. */
  close(_code: number, reason: string): void {
    if (this.readyState === WebSocket.OPEN) this.#response.end(`: ${reason}\n\n`)
  }

  terminate(): void {
    this.#response.destroy()
  }
}
