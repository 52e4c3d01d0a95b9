import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { isRefusedAddress, type Networks } from './address-rules.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { type StreamedBody, UnreadableBodyError } from './streamed-body.ts'
import { basicAuthorization } from './url-credentials.ts'

export interface FetchOptions {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  headers?: Record<string, string>
  /** What is streamed is read anew for every request that is made. */
  body?: string | Uint8Array | StreamedBody
  /** Connections to reuse, which also decide the allowed networks; without them: public networks, one connection each. */
  agents?: Agents
  /** Limit for everything: name look-up, redirects, headers and body. */
  timeoutMs?: number
  /** Gives up as well when hardly anything was sent or received for this long. */
  stallMs?: number
  /** Largest body after decompression. */
  maxBytes?: number
  /** What happens to a larger body: an error (default), or only its beginning is returned. */
  overflow?: 'refuse' | 'truncate'
  /** Takes the body of a 2xx answer piece by piece, so that it is never in memory as a whole; others are not read. */
  sink?: (chunk: Buffer) => Promise<void>
  /** Redirects to follow; only GET and HEAD are ever redirected. */
  maxRedirects?: number
  signal?: AbortSignal
}

export interface Fetched {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** Where the answer came from, after redirects. */
  url: string
}

export type FetchFailure =
  | 'bad_address'
  | 'forbidden_address'
  | 'too_many_redirects'
  | 'too_large'
  | 'timeout'
  | 'aborted'
  | 'unreachable'

/** No answer was obtained; `reason` says why. An HTTP error status is an answer, not a FetchError. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly reason: FetchFailure
  /** The host that must not be reached, for `forbidden_address`. */
  readonly host: string | undefined

  constructor(reason: FetchFailure, message: string, options: ErrorOptions & { host?: string } = {}) {
    super(message, options)
    this.reason = reason
    this.host = options.host
  }
}

/** Kept-alive connections under one rule about networks; `close` ends them. */
export interface Agents {
  networks: Networks
  http: http.Agent
  https: https.Agent
  /** Set when `http` leads to a proxy that is told the whole address of each request (RFC 9112, absolute form). */
  forwarding?: { authorization?: string }
  close(): void
}

/**
 * Connections for many requests to the same hosts. Each set of agents has its own connections, so that one opened
 * to a private address under `any` is never used by a request that may reach public addresses only.
 */
export function openAgents(options: {
  networks: Networks
  verifyTls?: boolean
  keepAlive?: boolean
}): Agents {
  const shared = {
    keepAlive: options.keepAlive ?? true,
    maxFreeSockets: 64,
    lookup: guardedLookup(options.networks),
  }
  const agents = {
    networks: options.networks,
    http: new http.Agent(shared),
    https: new https.Agent({ ...shared, rejectUnauthorized: options.verifyTls ?? true }),
  }
  return {
    ...agents,
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

const publicOnly = openAgents({ networks: 'public', keepAlive: false })

/**
 * The only way this server makes HTTP requests of its own. Refuses addresses outside the allowed networks, both for
 * names (after look-up, at connect time) and for literal IP addresses, on the first request and on every redirect.
 * Throws FetchError, and UnreadableBodyError when a streamed body cannot be read.
 */
export async function safeFetch(address: string, options: FetchOptions = {}): Promise<Fetched> {
  const deadline = startDeadline({ ...options, timeoutMs: options.timeoutMs ?? 30_000 })
  try {
    return await follow(address, options, deadline)
  } catch (error) {
    if (error instanceof FetchError || error instanceof UnreadableBodyError) throw error
    throw deadline.signal.aborted ? ended(deadline, error) : unreachable(error)
  } finally {
    deadline.clear()
  }
}

async function follow(address: string, options: FetchOptions, deadline: Deadline): Promise<Fetched> {
  const method = options.method ?? 'GET'
  const redirectable = method === 'GET' || method === 'HEAD'
  let url = checkedUrl(address, options.agents ?? publicOnly)
  let headers = options.headers ?? {}

  for (let left = redirectable ? (options.maxRedirects ?? 5) : 0; ; left--) {
    const { outgoing, response } = await request(url, { ...options, method, headers }, deadline)
    const location = response.headers.location
    const redirected =
      redirectable && options.maxRedirects !== 0 && isRedirect(response.statusCode) && location
    try {
      if (!redirected) return { ...(await readAnswer(response, options, deadline)), url: url.href }
    } finally {
      // Whoever answers early need not take the rest, and nothing would ever end the wait for that.
      if (!outgoing.writableFinished) outgoing.destroy()
    }

    response.destroy()
    if (left === 0) throw new FetchError('too_many_redirects', 'too many redirects')
    const next = checkedUrl(location, options.agents ?? publicOnly, url)
    // Credentials meant for one host are not repeated to another.
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
}

function checkedUrl(address: string, agents: Agents, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw new FetchError('bad_address', 'this is not an address')
  const url = new URL(address, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchError('bad_address', 'only http and https addresses are supported')
  }
  // A literal address is never looked up, so the agents' rule does not see it. The URL parser has already rewritten
  // decimal, octal, hexadecimal and shortened IPv4 forms as four numbers.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) && isRefusedAddress(host, agents.networks)) throw forbidden(host)
  return url
}

/** A request whose answer has begun. */
interface Exchange {
  outgoing: http.ClientRequest
  response: http.IncomingMessage
}

function request(url: URL, options: FetchOptions, deadline: Deadline, isRepeated = false): Promise<Exchange> {
  const agents = options.agents ?? publicOnly
  const { request: open, agent } =
    url.protocol === 'https:' ? { ...https, agent: agents.https } : { ...http, agent: agents.http }
  return new Promise((resolve, reject) => {
    const { signal } = deadline
    const headers: Record<string, string> = {
      'accept-encoding': 'gzip, deflate, br',
      ...urlAuthorization(url),
      ...options.headers,
    }
    const forwarding = url.protocol === 'http:' ? agents.forwarding : undefined
    if (forwarding?.authorization) headers['proxy-authorization'] = forwarding.authorization
    if (options.body !== undefined) headers['content-length'] = String(sizeOf(options.body))
    const outgoing = open(withoutUser(url), {
      method: options.method,
      agent,
      headers,
      signal,
      ...(forwarding && { path: absoluteForm(url) }),
    })
    let isSettled = false
    outgoing.once('response', (response) => {
      isSettled = true
      deadline.progressed()
      resolve({ outgoing, response })
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // Once there is an answer, it fails with the connection, and whoever reads it tells of that.
      if (isSettled) return
      isSettled = true
      // The receiver may close an idle connection in the moment it is used again; nothing was read, so ask once more.
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      if (outgoing.reusedSocket && isClosed && !isRepeated && !signal.aborted) {
        resolve(request(url, options, deadline, true))
      } else reject(error)
    })
    const { body } = options
    if (isStreamed(body)) void send(outgoing, body.pieces(), deadline)
    else if (options.stallMs === undefined) outgoing.end(body)
    else void send(outgoing, slicesOf(body ?? ''), deadline)
  })
}

function isStreamed(body: FetchOptions['body']): body is StreamedBody {
  return typeof body === 'object' && 'pieces' in body
}

function sizeOf(body: string | Uint8Array | StreamedBody): number {
  return isStreamed(body) ? body.sizeBytes : Buffer.byteLength(body)
}

const SLICE_BYTES = 64 * 1024

function* slicesOf(body: string | Uint8Array): Generator<Uint8Array> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES)
}

/**
 * Sends a body piece by piece, so that it is seen how far it has got, and no piece is read before the one before it is on
 * its way. A failure is the request's, which tells of it itself.
 */
async function send(
  outgoing: http.ClientRequest,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  deadline: Deadline,
): Promise<void> {
  // Whatever has become of a piece, nobody waits for it once the connection is gone.
  const closed = new Promise<void>((resolve) => outgoing.once('close', resolve))
  try {
    for await (const piece of pieces) {
      if (outgoing.destroyed) return
      await Promise.race([closed, new Promise((resolve) => outgoing.write(piece, resolve))])
      deadline.moved(piece.length)
    }
    if (outgoing.destroyed) return
    // From here on the other end has the whole time again, to answer.
    deadline.progressed()
    outgoing.end()
  } catch (error) {
    outgoing.destroy(error as Error)
  }
}

/** The user and password of an address as a header: Node's own reading of them fails at a bare percent sign. */
function urlAuthorization(url: URL): { authorization?: string } {
  const authorization = basicAuthorization(url)
  return authorization === undefined ? {} : { authorization }
}

function withoutUser(url: URL): URL {
  if (url.username === '' && url.password === '') return url
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

function absoluteForm(url: URL): string {
  return `${url.origin}${url.pathname}${url.search}`
}

async function readAnswer(
  response: http.IncomingMessage,
  options: FetchOptions,
  deadline: Deadline,
): Promise<Omit<Fetched, 'url'>> {
  const status = response.statusCode ?? 0
  if (options.method === 'HEAD' || status === 204 || status === 304) {
    response.resume()
    return { status, headers: response.headers, body: Buffer.alloc(0) }
  }
  const limit = options.maxBytes ?? 10 * 1024 * 1024
  const declared = Number(response.headers['content-length'] ?? 0)
  const refuse = options.overflow !== 'truncate'
  if (refuse && declared > limit) {
    response.destroy()
    throw tooLarge(limit)
  }
  if (options.sink) {
    if (status >= 200 && status < 300) await pour(response, limit, moving(options.sink, deadline))
    else response.destroy()
    return { status, headers: response.headers, body: Buffer.alloc(0) }
  }
  const body = new GatheredPieces()
  let sizeBytes = 0
  for await (const chunk of decompressed(response)) {
    body.push(chunk.subarray(0, Math.max(0, limit - sizeBytes)))
    sizeBytes += chunk.length
    deadline.moved(chunk.length)
    if (sizeBytes > limit && refuse) {
      response.destroy()
      throw tooLarge(limit)
    }
    // Leaving the loop destroys the connection, so a short rest is read to keep it for the next request.
    if (sizeBytes > limit + 65_536) break
  }
  return { status, headers: response.headers, body: body.all() }
}

function moving(sink: NonNullable<FetchOptions['sink']>, deadline: Deadline): typeof sink {
  return (chunk) => {
    deadline.moved(chunk.length)
    return sink(chunk)
  }
}

async function pour(
  response: http.IncomingMessage,
  limit: number,
  sink: NonNullable<FetchOptions['sink']>,
): Promise<void> {
  let size = 0
  for await (const chunk of decompressed(response)) {
    size += chunk.length
    if (size > limit) {
      response.destroy()
      throw tooLarge(limit)
    }
    await sink(chunk)
  }
}

/** The body with its `Content-Encoding` undone; an unknown encoding is passed on as it is. */
function decompressed(response: http.IncomingMessage): Readable {
  const decoders: Record<string, () => ReturnType<typeof createGunzip>> = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }
  const decoder = decoders[response.headers['content-encoding']?.toLowerCase() ?? '']?.()
  if (!decoder) return response
  response.once('error', (error) => decoder.destroy(error))
  decoder.once('close', () => response.destroy())
  return response.pipe(decoder)
}

/** How names are looked up; a test brings its own. */
export type ResolveName = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void

/** Name look-up that drops refused addresses; it runs inside the connect, so what is checked is what is connected to. */
export function guardedLookup(networks: Networks, resolve: ResolveName = lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0)
      const allowed = found.filter(({ address }) => !isRefusedAddress(address, networks))
      const [first] = allowed
      if (!first) return done(forbidden(hostname), '', 0)
      if (options.all) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}

function isRedirect(status = 0): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  const secret = ['authorization', 'cookie', 'proxy-authorization', 'token']
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.includes(name.toLowerCase())))
}

function forbidden(host: string): FetchError {
  return new FetchError('forbidden_address', `${host} is not in a network this server may reach`, { host })
}

function tooLarge(limit: number): FetchError {
  return new FetchError('too_large', `the answer is larger than ${limit} bytes`)
}

function ended(deadline: Deadline, cause: unknown): FetchError {
  const { reason, message } = deadline.reason()
  return new FetchError(reason, message, { cause })
}

function unreachable(cause: unknown): FetchError {
  const detail = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new FetchError('unreachable', `the request failed: ${detail}`, { cause })
}
