/** A request or an answer as it came over a connection. */
export interface HttpMessage {
  /** The request line or the status line. */
  start: string
  body: Buffer
}

/** More than any body of a run, and far less than memory. */
const MAX_BYTES = 16 * 1024 * 1024
const HEAD_END = '\r\n\r\n'

/**
 * Takes HTTP/1.1 messages out of the bytes of one connection, in either direction. Understands bodies with a length and
 * chunked ones; whatever has neither has no body. Knows only what servers under test say, for which it costs a tenth of
 * Node's own client.
 */
export class HttpReader {
  #pending: Buffer = Buffer.alloc(0)

  /** Takes what has arrived; returns the messages that are complete now. Throws where it is no HTTP. */
  read(chunk: Buffer): HttpMessage[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: HttpMessage[] = []
    for (let message = this.#take(); message !== undefined; message = this.#take()) messages.push(message)
    if (this.#pending.length > MAX_BYTES) throw new Error('a message over HTTP has no end')
    return messages
  }

  #take(): HttpMessage | undefined {
    const headEnd = this.#pending.indexOf(HEAD_END)
    if (headEnd < 0) return undefined
    const head = this.#pending.toString('latin1', 0, headEnd)
    const from = headEnd + HEAD_END.length
    const found = /\r\ntransfer-encoding: *chunked/i.test(head)
      ? chunkedBody(this.#pending, from)
      : plainBody(this.#pending, from, lengthIn(head))
    if (found === undefined) return undefined
    this.#pending = this.#pending.subarray(found.end)
    const lineEnd = head.indexOf('\r\n')
    return { start: lineEnd < 0 ? head : head.slice(0, lineEnd), body: found.body }
  }
}

interface Found {
  body: Buffer
  /** Where the next message begins. */
  end: number
}

function lengthIn(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
}

function plainBody(bytes: Buffer, from: number, length: number): Found | undefined {
  const end = from + length
  return bytes.length < end ? undefined : { body: bytes.subarray(from, end), end }
}

function chunkedBody(bytes: Buffer, from: number): Found | undefined {
  const parts: Buffer[] = []
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!Number.isInteger(size)) throw new Error('a chunk over HTTP has no size')
    const begin = lineEnd + 2
    // Behind a chunk, and behind the last one, which is empty, is the end of a line.
    const next = begin + size + 2
    if (bytes.length < next) return undefined
    if (size === 0) return { body: Buffer.concat(parts), end: next }
    parts.push(bytes.subarray(begin, begin + size))
    at = next
  }
}

/** The status of an answer. */
export function statusOf({ start }: HttpMessage): number {
  return Number(start.split(' ')[1])
}

/** The bytes of a request with a JSON body. */
export function jsonRequest(path: string, body: unknown, headers: Record<string, string> = {}): string {
  const text = JSON.stringify(body)
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}
