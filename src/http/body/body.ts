import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from '../../lib/errors.ts'
import { PieceJoiner } from '../../lib/flow/piece-joiner.ts'

/** How much of a body is read, and how patiently. */
export interface BodyLimits {
  /** Largest body of one request. */
  maxBytes: number
  /** Largest sum of the bodies that are being received at the same moment; uploads beyond it are turned away. */
  maxTotalBytes: number
  /** Longest pause between two pieces of a body. */
  idleMs: number
}

interface Receive {
  /** Gets the next piece; small ones are joined. */
  take: (piece: Buffer) => Promise<void> | undefined
  maxBytes?: number
  /** Ends it with the reason as the error: nobody wants the rest. */
  signal?: AbortSignal
}

/** Thrown when the client went away while it was sending: nobody is left to answer. */
export class ClientGone extends Error {}

/** Reads the bodies of a server's requests as they are, whatever their content type or encoding says. */
export class BodyReader {
  readonly #limits: BodyLimits
  #heldBytes = 0

  constructor(limits: BodyLimits) {
    this.#limits = limits
  }

  /**
   * The whole body. Throws `payload_too_large` as soon as the limit is known to be exceeded, without reading the rest,
   * `rate_limited` (503) when other uploads fill the memory set aside for them, `invalid_payload` (408) when the client
   * stops sending, and `ClientGone`. `maxBytes` is for bodies that need less than the largest one.
   */
  async read(request: IncomingMessage, response: ServerResponse, maxBytes?: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    await this.receive(request, response, { take: (piece) => void pieces.push(piece), maxBytes })
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
  }

  /** Hands each piece of a body on as it arrives, the next one when the promise of the taker is kept. Throws as `read`. */
  async receive(
    request: IncomingMessage,
    response: ServerResponse,
    { take, maxBytes = Number.POSITIVE_INFINITY, signal }: Receive,
  ): Promise<void> {
    const mostBytes = Math.min(maxBytes, this.#limits.maxBytes)
    if (request.destroyed) throw new ClientGone('the client closed the connection')
    const announced = Number(request.headers['content-length'] ?? 0)
    if (announced > mostBytes) throw payloadTooLarge(mostBytes)
    // The server leaves "100 Continue" to us, so that a refused upload never starts.
    if (request.headers.expect !== undefined) response.writeContinue()

    const joiner = new PieceJoiner()
    let sizeBytes = 0
    try {
      const count = (chunk: Buffer) => {
        sizeBytes += chunk.length
        this.#heldBytes += chunk.length
        if (sizeBytes > mostBytes) throw payloadTooLarge(mostBytes)
        if (this.#heldBytes > this.#limits.maxTotalBytes) throw overloaded()
      }
      if (hasArrived(request)) {
        signal?.throwIfAborted()
        // The request ends with it, as with the last piece of a longer one.
        const whole: Buffer | null = request.read()
        if (!whole) return
        count(whole)
        await take(whole)
        return
      }
      const push = (chunk: Buffer) => {
        count(chunk)
        const piece = joiner.push(chunk)
        return piece && take(piece)
      }
      await this.#listen(request, push, signal)
      const rest = joiner.end()
      if (rest) await take(rest)
    } finally {
      this.#heldBytes -= sizeBytes
    }
  }

  #listen(
    request: IncomingMessage,
    take: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let taken = Promise.resolve()
      const settle = (outcome: () => void) => {
        clearTimeout(idle)
        request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
        signal?.removeEventListener('abort', onAbort)
        outcome()
      }
      const idle = setTimeout(() => settle(() => reject(stalled())), this.#limits.idleMs)
      // A paused request ends, and closes, as soon as its last piece has been handed out.
      const onEnd = () => {
        request.off('close', onGone)
        void taken.then(() => settle(resolve), fail)
      }
      const onGone = () => settle(() => reject(new ClientGone('the client closed the connection')))
      const fail = (error: unknown) => {
        request.pause()
        settle(() => reject(error))
      }
      const onAbort = () => fail(signal?.reason)
      const goOn = () => {
        idle.refresh()
        request.resume()
      }
      const onData = (chunk: Buffer) => {
        idle.refresh()
        try {
          const work = take(chunk)
          if (work === undefined) return
          taken = work
          request.pause()
          work.then(goOn, fail)
        } catch (error) {
          fail(error)
        }
      }
      request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort)
    })
  }
}

/** Whether all of a body has come with the head of its request, as small ones do: there is nothing to wait for. */
function hasArrived(request: IncomingMessage): boolean {
  return request.complete && !request.readableDidRead && !request.readableAborted
}

/** The refusal of a body of more than so many bytes. */
export function payloadTooLarge(maxBytes: number): ApiError {
  const limit = `${Math.floor(maxBytes / 1024 / 1024)} MB`
  return new ApiError('payload_too_large', { text: `request body is too large, the limit is ${limit}` })
}

function overloaded(): ApiError {
  return new ApiError('rate_limited', { status: 503, text: 'too many uploads at once, try again' })
}

function stalled(): ApiError {
  return new ApiError('invalid_payload', { status: 408, text: 'timed out waiting for the request body' })
}
