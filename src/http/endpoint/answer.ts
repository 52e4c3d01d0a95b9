import type { IncomingMessage, ServerResponse } from 'node:http'

/** A finished answer. */
export interface Answer {
  status: number
  contentType: string
  body: string | Uint8Array
  headers?: Record<string, string>
}

/** What is left of a request this small is read and dropped so that the connection can serve the next one (Go: 256 KB). */
const SMALL_REMAINDER_BYTES = 256 * 1024
/** How long a client may go on uploading after it was answered, before the connection is cut. */
const LINGER_MS = 5_000

/**
 * Sends an answer, also when the client is still uploading: closing at once would reset the connection and most clients
 * would report that instead of the answer. So the answer goes out complete, and what still arrives is dropped unread
 * for a while before the connection ends.
 */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  response.setHeader('Content-Type', answer.contentType)
  response.setHeader('Content-Length', body.length)
  if (!stillUploading(request)) {
    response.end(body)
    return
  }
  response.setHeader('Connection', 'close')
  response.write(body)
  linger(request, response)
}

/** Ends an answer that is written but for its end when the client has stopped sending. */
export function linger(request: IncomingMessage, response: ServerResponse): void {
  const cut = setTimeout(() => response.end(), LINGER_MS)
  request.once('close', () => {
    clearTimeout(cut)
    response.end()
  })
  request.once('end', () => response.end())
  request.resume()
}

/** Whether the client has more to send than can be waited for. */
export function stillUploading(request: IncomingMessage): boolean {
  if (request.complete || request.destroyed) return false
  const announced = request.headers['content-length']
  if (announced === undefined) return request.headers['transfer-encoding'] !== undefined
  return Number(announced) > SMALL_REMAINDER_BYTES || request.headers.expect !== undefined
}
