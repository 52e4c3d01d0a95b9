import { createHmac, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import { ApiError } from '../lib/errors.ts'
import { requestTarget } from '../lib/request-target.ts'

const WINDOW_MS = 60_000
/** Memory is bounded: beyond these numbers the sources and callers unseen for longest are forgotten. */
const MAX_SOURCES = 10_000
const MAX_CALLERS = 20_000

/** Where the dialects look for tokens and keys; a browser's stream has its key among the subprotocols. */
const CREDENTIAL_HEADERS = ['token', 'admintoken', 'authorization', 'x-api-key', 'sec-websocket-protocol']
const CREDENTIAL_PARAMETERS = ['token', 'api_key']

interface Failures {
  count: number
  /** When counting begins anew, unix milliseconds. */
  endsAt: number
}

/** What a request offers to prove who is calling. */
export interface Attempt {
  source: string
  /** Of the credentials: the same ones give the same text, from which they cannot be read. */
  fingerprint: string
}

/**
 * Slows down whoever guesses tokens. A source that was refused too often within a minute is refused without a look at
 * its credentials until that minute is over. Callers that have been accepted from there before are not affected:
 * behind a reverse proxy, or in a container network, many share one address.
 */
export class FailureLimit {
  readonly #perMinute: number
  readonly #now: () => number
  readonly #fingerprintKey = randomBytes(32)
  readonly #failures = new LRUCache<string, Failures>({ max: MAX_SOURCES })
  readonly #accepted = new LRUCache<string, true>({ max: MAX_CALLERS })

  /** `perMinute` failures are answered as such, further ones are not looked at; 0 means no limit. */
  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute
    this.#now = now
  }

  /** Runs `authenticate` and counts its failures (`unauthorized`). Throws `rate_limited` instead when there were too many. */
  async guard<Caller>(request: Request, authenticate: () => Promise<Caller>): Promise<Caller> {
    if (!this.#perMinute) return authenticate()
    const attempt = this.#attemptOf(request)
    this.check(attempt)
    try {
      const caller = await authenticate()
      this.succeeded(attempt)
      return caller
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthorized') this.failed(attempt)
      throw error
    }
  }

  /** Throws `rate_limited`, with the seconds to wait in `retryAfterSeconds`, when the attempt must not be looked at. */
  check({ source, fingerprint }: Attempt): void {
    const failures = this.#failures.get(source)
    const leftMs = failures ? failures.endsAt - this.#now() : 0
    if (!failures || leftMs <= 0 || failures.count < this.#perMinute) return
    if (this.#accepted.has(callerKey(source, fingerprint))) return
    throw new ApiError('rate_limited', { retryAfterSeconds: Math.ceil(leftMs / 1000) })
  }

  /** Notes that an attempt was refused. */
  failed({ source }: Attempt): void {
    const now = this.#now()
    const failures = this.#failures.get(source)
    if (failures && failures.endsAt > now) failures.count++
    else this.#failures.set(source, { count: 1, endsAt: now + WINDOW_MS })
  }

  /** Notes that an attempt was accepted. */
  succeeded({ source, fingerprint }: Attempt): void {
    this.#accepted.set(callerKey(source, fingerprint), true)
  }

  #attemptOf(request: Request): Attempt {
    const headers = CREDENTIAL_HEADERS.map((name) => request.headersDistinct[name])
    const searchParams = new URLSearchParams(requestTarget({ url: request.originalUrl })?.search)
    const query = CREDENTIAL_PARAMETERS.map((name) => searchParams.getAll(name))
    const offered = JSON.stringify([headers, query])
    return {
      source: sourceOf(request.ip ?? ''),
      fingerprint: createHmac('sha256', this.#fingerprintKey).update(offered).digest('base64'),
    }
  }
}

function callerKey(source: string, fingerprint: string): string {
  return `${source} ${fingerprint}`
}

/** An IPv4 address, or the network of an IPv6 one: whoever has one of those has the 2^64 addresses of its network. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
