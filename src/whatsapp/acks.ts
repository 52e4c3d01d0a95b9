import { ApiError } from '../lib/errors.ts'
import type { BinaryNode } from './engine.ts'

interface Waiter {
  resolve(timestamp: number): void
  reject(error: ApiError): void
}

/** The answer that is to come. */
interface Expected {
  acknowledged: Promise<number>
  /** Whether `acknowledged` is settled, with all that has arrived by now. */
  isAnswered(): Promise<boolean>
  cancel(): void
}

/** The failure that the `error` of an ack (463, 479, ...) stands for. */
export function refusedByAck(code: string): ApiError {
  return new ApiError('upstream_refused', { text: `server returned error ${code}`, ackError: code })
}

/**
 * The messages of one socket that the server has not acknowledged yet.
 * The library resolves a send when the bytes are written; only `<ack class="message">` says that WhatsApp took it.
 */
export class Acks {
  readonly #late: (id: string) => void
  readonly #waiting = new Map<string, Waiter>()

  /** `late` hears of messages that were taken after their sender had given up waiting. */
  constructor(late: (id: string) => void = () => {}) {
    this.#late = late
  }

  /** Takes an `<ack class="message">` stanza; one with `error` refuses the message (463, 479, ...). */
  handle(node: BinaryNode): void {
    const { id = '', error, t } = node.attrs
    const waiter = this.#waiting.get(id)
    if (!waiter) {
      if (!error) this.#late(id)
      return
    }
    if (error) waiter.reject(refusedByAck(error))
    else waiter.resolve(Number(t) || Math.floor(Date.now() / 1000))
  }

  /**
   * Resolves with the server's time (unix seconds) once `id` is acknowledged.
   * Rejects with `upstream_refused` when the ack carries an error and `upstream_timeout` after `timeoutMs`.
   */
  expect(id: string, timeoutMs: number): Expected {
    let timer: NodeJS.Timeout | undefined
    const acknowledged = new Promise<number>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      timer = setTimeout(
        () =>
          reject(new ApiError('upstream_timeout', { text: 'timed out waiting for message send response' })),
        timeoutMs,
      )
    })
    const cancel = () => {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
    // A send that fails before its ack leaves this promise unobserved; that must not count as unhandled.
    acknowledged.catch(() => {})
    void acknowledged.then(cancel, cancel)
    const isAnswered = async () => {
      await new Promise(setImmediate)
      return !this.#waiting.has(id)
    }
    return { acknowledged, isAnswered, cancel }
  }

  /** Fails everything that still waits, because the socket is gone: whether WhatsApp took them is unknown. */
  abandon(): void {
    for (const waiter of this.#waiting.values()) {
      waiter.reject(
        new ApiError('not_connected', {
          text: 'websocket disconnected before message send returned response',
        }),
      )
    }
    this.#waiting.clear()
  }
}
