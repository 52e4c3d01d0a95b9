import { hash, randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { isFromNode } from '../../cluster/internal.ts'
import { ApiError } from '../../lib/errors.ts'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { Dialect, RequestHead } from '../endpoint/dialect.ts'
import { queryParameters } from './request-head.ts'
import { sourceOf } from './source-address.ts'

const WINDOW_MS = 60_000
/** Memory is bounded: beyond these numbers the sources and callers unseen for longest are forgotten. */
const MAX_SOURCES = 10_000
const MAX_CALLERS = 20_000
/** Attempts of one source that may wait for those before them; each holds a connection. */
const MAX_WAITING = 10_000

/** Where requests carry tokens and keys. */
export interface CredentialPlaces {
  /** In lower case. */
  headers: string[]
  parameters: string[]
}

/** Where the dialects look for them; a browser's stream has its key among the subprotocols. */
export function credentialPlaces(dialects: Pick<Dialect, 'securitySchemes'>[]): CredentialPlaces {
  const schemes = dialects.flatMap(({ securitySchemes }) => Object.values(securitySchemes))
  const headers = schemes.map(({ name }) => name.toLowerCase())
  const parameters = schemes.flatMap((scheme) => scheme['x-query-parameter'] ?? [])
  return {
    headers: [...new Set([...headers, 'sec-websocket-protocol'])],
    parameters: [...new Set(parameters)],
  }
}

/** A request as an authenticator sees it: what it could read elsewhere would not count as a guess. */
export function onlyCredentials(head: RequestHead, { headers, parameters }: CredentialPlaces): RequestHead {
  // Without a prototype, so that a name such as `constructor` is only ever what the caller sent.
  const query: RequestHead['query'] = Object.create(null)
  for (const name of parameters) query[name] = head.query[name]
  return {
    ...head,
    query,
    header: (name) => (headers.includes(name.toLowerCase()) ? head.header(name) : undefined),
  }
}

/** What is known of an address that has not always shown the right credentials. */
interface Source {
  failures: number
  /** When counting begins anew, by a clock that nobody sets. */
  endsAt: number
  /** Attempts whose credentials are being looked at: each may become a failure. */
  underway: number
  /** Attempts that may be looked at when those before them turn out well, oldest first. */
  waiting: Waiting[]
}

interface Waiting {
  attempt: Attempt
  begin(place: Place): void
  refuse(error: ApiError): void
}

/** What a request offers to prove who is calling. */
export interface Attempt {
  source: string
  /** Of the credentials: the same ones give the same text, from which they cannot be read. */
  fingerprint: string
}

/** The right to have credentials looked at, to be given back with what came of it. */
export type Place = (outcome: 'accepted' | 'refused' | 'neither') => void

/**
 * Slows down whoever guesses tokens. A source that was refused too often within a minute is refused without a look at
 * its credentials until that minute is over. Callers that have been accepted from there before are not affected:
 * behind a reverse proxy, or in a container network, many share one address.
 *
 * Attempts count from their beginning, so that many at once are no more guesses than many in a row: no more are looked at
 * together than may still fail, and the others wait for these. Right credentials only give their place to the next.
 */
export class LoginThrottle {
  readonly #perMinute: number
  readonly #places: CredentialPlaces
  readonly #now: () => number
  readonly #fingerprintKey = randomBytes(32).toString('hex')
  readonly #sources = new BoundedCache<string, Source>({ max: MAX_SOURCES })
  readonly #accepted = new BoundedCache<string, true>({ max: MAX_CALLERS })

  /**
   * `perMinute` failures are answered as such, further ones are not looked at; 0 means no limit. `now` gives
   * milliseconds of a clock that never jumps.
   */
  constructor(perMinute: number, places: CredentialPlaces, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute
    this.#places = places
    this.#now = now
  }

  /**
   * Runs `authenticate` and counts its failures (`unauthorized`). Throws `rate_limited` instead when there were too many.
   * What another node passes on has been counted there.
   */
  async guard<Caller>(request: Request, authenticate: () => Promise<Caller>): Promise<Caller> {
    if (!this.#perMinute || isFromNode(request)) return authenticate()
    const leave = await this.enter(this.#attemptOf(request))
    try {
      const caller = await authenticate()
      leave('accepted')
      return caller
    } catch (error) {
      leave(error instanceof ApiError && error.code === 'unauthorized' ? 'refused' : 'neither')
      throw error
    }
  }

  /**
   * Resolves when the attempt may be looked at. Throws `rate_limited`, with the seconds to wait in `retryAfterSeconds`,
   * when it must not be.
   */
  async enter(attempt: Attempt): Promise<Place> {
    const source = this.#sourceOf(attempt)
    // Credentials that were right before are no guess, and wait for nobody's.
    if (this.#isKnown(attempt)) return this.#place(source, attempt, { isReserved: false })
    if (source.waiting.length >= MAX_WAITING) throw new ApiError('rate_limited', { retryAfterSeconds: 1 })
    return new Promise((begin, refuse) => {
      source.waiting.push({ attempt, begin, refuse })
      this.#admit(source)
    })
  }

  #sourceOf({ source }: Attempt): Source {
    const known = this.#sources.get(source)
    if (known) return known
    const created: Source = { failures: 0, endsAt: 0, underway: 0, waiting: [] }
    this.#sources.set(source, created)
    return created
  }

  #isKnown(attempt: Attempt): boolean {
    return this.#accepted.has(callerKey(attempt))
  }

  /** Lets those begin that may, oldest first, and refuses all when there were too many failures. */
  #admit(source: Source): void {
    const now = this.#now()
    if (source.endsAt <= now) source.failures = 0
    for (let next = source.waiting[0]; next; next = source.waiting[0]) {
      const isKnown = this.#isKnown(next.attempt)
      const isExhausted = source.failures >= this.#perMinute
      if (!isKnown && !isExhausted && source.failures + source.underway >= this.#perMinute) return
      source.waiting.shift()
      if (isExhausted && !isKnown) {
        const retryAfterSeconds = Math.ceil((source.endsAt - now) / 1000)
        next.refuse(new ApiError('rate_limited', { retryAfterSeconds }))
      } else next.begin(this.#place(source, next.attempt, { isReserved: !isKnown }))
    }
  }

  #place(source: Source, attempt: Attempt, { isReserved }: { isReserved: boolean }): Place {
    if (isReserved) source.underway += 1
    return (outcome) => {
      if (isReserved) source.underway -= 1
      if (outcome === 'accepted') this.#accepted.set(callerKey(attempt), true)
      if (outcome === 'refused') this.#countFailure(source)
      this.#admit(source)
      // Only those are remembered that have failed: the others must not push them out.
      if (isSpotless(source)) this.#sources.delete(attempt.source)
    }
  }

  #countFailure(source: Source): void {
    const now = this.#now()
    if (source.endsAt > now) source.failures += 1
    else Object.assign(source, { failures: 1, endsAt: now + WINDOW_MS })
  }

  #attemptOf(request: Request): Attempt {
    const headers = this.#places.headers.map((name) => request.headersDistinct[name])
    const query = queryParameters(request.originalUrl)
    const parameters = this.#places.parameters.map((name) => query[name])
    const offered = JSON.stringify([headers, parameters])
    return {
      source: sourceOf(request.ip ?? ''),
      // Every request has one: in one call this takes an eighth of what an HMAC does, and the digest never leaves this process.
      fingerprint: hash('sha256', this.#fingerprintKey + offered, 'base64'),
    }
  }
}

function isSpotless({ failures, underway, waiting }: Source): boolean {
  return failures === 0 && underway === 0 && waiting.length === 0
}

function callerKey({ source, fingerprint }: Attempt): string {
  return `${source} ${fingerprint}`
}
