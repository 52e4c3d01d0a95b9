import { ApiError, type ErrorCode } from '../../lib/errors.ts'
import type { Dialect, EndpointGroup } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import type { Json } from './json-schema.ts'

/** The failures that follow from a declaration, by the name of their answer. */
const FAILURES: Record<string, { codes: ErrorCode[]; description: string }> = {
  BadRequest: {
    codes: ['invalid_payload', 'missing_field'],
    description: 'The request cannot be read, or something in it is missing or wrong',
  },
  Unauthorized: { codes: ['unauthorized'], description: 'The key is missing or wrong' },
  Conflict: {
    codes: ['conflict'],
    description:
      'The same key of repetition was used for another request, or one with it is still being carried out',
  },
  TooLarge: { codes: ['payload_too_large'], description: 'The body is larger than it may be' },
  TooManyRequests: {
    codes: ['rate_limited'],
    description: 'Too many requests, or too many wrong keys, from here; `Retry-After` says when to try again',
  },
  NotConnected: {
    codes: ['no_session', 'not_connected', 'not_logged_in'],
    description: 'The session is not connected to WhatsApp, or no phone is linked',
  },
}

/** The failures of a dialect as answers that operations refer to. */
export class FailureAnswers {
  readonly #dialect: Dialect
  readonly #profile: string
  readonly #used = new Map<string, Json>()

  constructor(dialect: Dialect, profile: string) {
    this.#dialect = dialect
    this.#profile = profile
  }

  /** The answers that have been referred to. */
  get components(): Record<string, Json> {
    return Object.fromEntries([...this.#used].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** What can go wrong in an endpoint, by status: what its declaration says, and `default` for all else. */
  of(endpoint: Endpoint, group: EndpointGroup): Record<string, Json> {
    const byStatus = new Map<string, string[]>()
    for (const name of namesOf(endpoint, group)) {
      const { codes } = FAILURES[name] ?? { codes: [] }
      for (const code of codes) {
        const status = String(this.#answerTo(code).status)
        const names = byStatus.get(status) ?? []
        if (!names.includes(name)) byStatus.set(status, [...names, name])
      }
    }
    const known = [...byStatus].filter(([status]) => Number(status) !== endpoint.reply.status)
    // Whatever is asked can be asked in a way that no server understands.
    if (!known.some(([status]) => status.startsWith('4'))) known.push(['4XX', ['Refused']])
    known.push(['default', ['Failure']])
    return Object.fromEntries(known.map(([status, names]) => [status, this.#reference(status, names)]))
  }

  #reference(status: string, names: string[]): Json {
    const name = names.join('Or')
    const found = [...this.#used.keys()].find((key) => key === name)
    if (found === undefined) this.#used.set(name, this.#answer(status, names))
    return { $ref: `#/components/responses/${name}` }
  }

  #answer(status: string, names: string[]): Json {
    const examples = names.flatMap((name) =>
      (FAILURES[name]?.codes ?? [])
        .map((code) => [code, this.#answerTo(code)] as const)
        .filter(([, answer]) => String(answer.status) === status)
        .map(([code, { body }]) => [code, { value: body }] as const),
    )
    const sentences = names.map((name) => FAILURES[name]?.description ?? OTHERS[name])
    const schema = { $ref: '#/components/schemas/Failure' }
    const content = { schema, ...(examples.length > 0 && { examples: Object.fromEntries(examples) }) }
    return {
      description: sentences.join('. Or: '),
      content: { [this.#dialect.contentType.replace(/;.*$/, '')]: content },
    }
  }

  #answerTo(code: ErrorCode): { status: number; body: unknown } {
    return this.#dialect.fail(new ApiError(code), { profile: this.#profile })
  }
}

const OTHERS: Record<string, string> = {
  Refused: 'The request cannot be served as it is',
  Failure: 'Anything else that goes wrong; the sentence says what',
}

function namesOf(endpoint: Endpoint, { security }: EndpointGroup): string[] {
  const { body, query, params, needs = 'live', repeatable } = endpoint
  return [
    ...(body || query || params ? ['BadRequest'] : []),
    ...(security === 'none' ? [] : ['Unauthorized', 'TooManyRequests']),
    ...(repeatable ? ['Conflict'] : []),
    ...(body ? ['TooLarge'] : []),
    ...(needs === 'live' ? ['NotConnected'] : []),
  ]
}
