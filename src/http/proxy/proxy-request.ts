import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { introduction, isNodeHeader, outcomeOf } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import { linger, stillUploading } from '../endpoint/answer.ts'

/** How long another node may take to accept a connection. */
const CONNECT_MS = 2_000
/** How often is looked whether a node that does not answer still has the session. */
const WATCH_MS = 1_000
/** Headers of one connection, which say nothing about the request (RFC 9110, 7.6.1), and the two that are set anew. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding']
const UPGRADE_HEADERS = ['upgrade', 'expect']

/** Where a request goes, and for whom. */
export interface Destination {
  /** `http://host:port` of the node's internal port. */
  address: string
  secret: string
  agent: Agent
  /** Address of the client. */
  client: string
  /** Whether that node still has the session. */
  isThere(): Promise<boolean>
}

/**
 * What became of a request: `moved`, the session is not there (any more); `unreachable`, nobody took the request. In
 * both cases nothing was done and nothing of the body was read, so it can be sent elsewhere.
 */
export type Passed = 'answered' | 'moved' | 'unreachable' | 'refused'

/**
 * Has another node answer a request. The body is not touched before that node asks for it, which it does when it knows
 * that it has the session. Throws `lease_lost` when the node is gone in the middle and nobody knows what it has done.
 */
export function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  destination: Destination,
): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const { address, agent } = destination
    const outgoing = httpRequest(address, {
      agent,
      method: request.method,
      path: originalUrl(request),
      headers: headersFor(request, destination),
    })
    let isConnected = false
    let isAccepted = false
    let isAnswered = false
    const clientGone = () => outgoing.destroy()
    const stopWatching = watchOwner(destination, () => {
      if (!isAnswered) outgoing.destroy(new Error('the owner is gone'))
    })
    const settle = (outcome: () => void) => {
      stopWatching()
      response.off('close', clientGone)
      outcome()
    }
    response.once('close', clientGone)
    limitConnecting(outgoing, () => {
      isConnected = true
    })

    outgoing.once('continue', () => {
      isAccepted = true
      if (request.headers.expect !== undefined) response.writeContinue()
      request.pipe(outgoing)
    })
    outgoing.once('response', (answer) => {
      isAnswered = true
      const outcome = outcomeOf(answer) ?? 'unreachable'
      if (stillUploading(request)) request.unpipe(outgoing)
      answer.once('close', () => {
        // A body that was never asked for leaves the connection in the middle of a request.
        if (!outgoing.writableFinished) outgoing.destroy()
        settle(() => resolve(outcome))
      })
      if (outcome === 'answered') relay(answer, request, response)
      else answer.resume()
    })
    outgoing.on('error', () => {
      // The answer tells more, and what is lost of it is noticed where it is relayed.
      if (isAnswered) return
      request.unpipe(outgoing)
      if (response.destroyed) return settle(() => resolve('answered'))
      const mayBeRepeated = !isAccepted && (!isConnected || hasBody(request) || request.method === 'GET')
      settle(() => (mayBeRepeated ? resolve('unreachable') : reject(ownerGone())))
    })

    if (hasBody(request)) outgoing.flushHeaders()
    else outgoing.end()
  })
}

/**
 * Calls `gone` when the node has not had the session for two looks in a row. One that was stopped, or lost its power,
 * keeps its connections and never answers; one that hands the session over answers what it has begun meanwhile.
 */
function watchOwner({ isThere }: Destination, gone: () => void): () => void {
  let misses = 0
  const watch = setInterval(() => {
    // What cannot be asked is not gone.
    void isThere().then(
      (there) => {
        misses = there ? 0 : misses + 1
        if (misses > 1) gone()
      },
      () => {},
    )
  }, WATCH_MS).unref()
  return () => clearInterval(watch)
}

/** Express shortens the address of a request to what its router is mounted at. */
export function originalUrl(request: IncomingMessage & { originalUrl?: string }): string {
  return request.originalUrl ?? request.url ?? '/'
}

/** The lines of a header block as they came, without those that mean this connection or the nodes alone. */
export function endToEnd(rawHeaders: string[], connection = '', dropped: string[] = []): string[] {
  const named = connection.toLowerCase().split(/\s*,\s*/)
  const lines: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    const lower = name.toLowerCase()
    if ([...HOP_BY_HOP, ...dropped, ...named].includes(lower) || isNodeHeader(lower)) continue
    lines.push(name, value)
  }
  return lines
}

/** A request is carried out again only by its caller, who knows whether that is right. */
export function ownerGone(): ApiError {
  return new ApiError('lease_lost', {
    text: 'this session is moving to another node; repeat the request',
    retryAfterSeconds: 5,
  })
}

function headersFor(request: IncomingMessage, { secret, client }: Destination): string[] {
  const lines = endToEnd(request.rawHeaders, request.headers.connection, UPGRADE_HEADERS)
  lines.push(...introduction(secret, { client, id: String(request.id ?? '') }))
  if (!hasBody(request)) return lines
  if (request.headers['transfer-encoding'] !== undefined) lines.push('Transfer-Encoding', 'chunked')
  return [...lines, 'Expect', '100-continue']
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Gives up a request that does not get a connection in time; `connected` is called when it has one. */
export function limitConnecting(outgoing: ClientRequest, connected: () => void = () => {}): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return connected()
    const tooLong = setTimeout(() => outgoing.destroy(new Error('no connection in time')), CONNECT_MS)
    const stop = () => clearTimeout(tooLong)
    socket.once('connect', connected).once('connect', stop).once('close', stop)
  })
}

/** Gives the client what the other node answers: status and headers as they are, and the body as it comes. */
function relay(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  for (const name of response.getHeaderNames()) if (name !== 'connection') response.removeHeader(name)
  const isEarly = stillUploading(request)
  if (isEarly) response.setHeader('Connection', 'close')
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage,
    endToEnd(answer.rawHeaders, answer.headers.connection),
  )
  answer.pipe(response, { end: false })
  answer.once('end', () => (isEarly ? linger(request, response) : response.end()))
  answer.once('close', () => {
    // An answer without its end must not look like a whole one.
    if (!answer.complete) response.destroy()
  })
}
