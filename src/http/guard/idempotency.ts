import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../lib/errors.ts'
import { newMessageId } from '../../lib/ids.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Database } from '../../store/database/database.ts'
import { type RepeatableRequest, RepeatableRequests } from '../../store/idempotent-requests.ts'
import type { Answer } from '../endpoint/answer.ts'
import type { Principal } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { fingerprint } from './fingerprint.ts'

/** A request whose repetition gets the first answer. */
export interface IdempotentCall {
  userId: string
  key: string
  fingerprint: string
  /** The id its message gets when it is the first; '' for one that has no id of its own. */
  messageId: string
}

/** What is known of a request once it is decoded. */
interface Decoded {
  endpoint: Endpoint
  principal: Principal
  /** The header `Idempotency-Key`. */
  key: string | undefined
  path: string
  body: unknown
  input: unknown
}

const LONGEST_KEY = 255
// Longer than any send takes; after that the caller knows more than we do.
const LONGEST_WAIT_MS = 60_000

/**
 * The request as one that may be repeated: because it names itself with a key, or its message with an id. The same id
 * with other content, or to somebody else, is another request, as it always was. Throws `invalid_field`.
 */
export async function idempotentOf(request: Decoded): Promise<IdempotentCall | undefined> {
  const { endpoint, principal, key = '', path, body, input } = request
  const id = endpoint.repeatable === 'message' ? messageIdOf(input) : ''
  if (!endpoint.repeatable || principal.kind !== 'user' || (key === '' && id === '')) return undefined
  if (key.length > LONGEST_KEY) {
    throw new ApiError('invalid_field', { text: `Idempotency-Key is longer than ${LONGEST_KEY} characters` })
  }
  const digest = await fingerprint(path, body)
  return {
    userId: principal.user.id,
    key: key === '' ? `id/${id}/${digest}` : `key/${key}`,
    fingerprint: digest,
    messageId: endpoint.repeatable === 'message' ? id || newMessageId() : '',
  }
}

/** The operation's parameter with the id its message was given. */
export function withMessageId(input: unknown, id: string): unknown {
  return id === '' ? input : { ...Object(input), id }
}

function messageIdOf(input: unknown): string {
  const { id } = Object(input)
  return typeof id === 'string' ? id : ''
}

interface Running {
  fingerprint: string
  done: Promise<unknown>
}

/**
 * Makes requests that are repeated happen once. Each is written down, with the id of its message, before it is carried
 * out: what was interrupted, by whatever, is done again as the same message. Only successes are kept: what failed is
 * tried again.
 */
export class Idempotency {
  readonly #requests: RepeatableRequests
  readonly #log: Logger
  readonly #running = new Map<string, Running>()

  constructor(db: Database, log: Logger) {
    this.#log = log
    this.#requests = new RepeatableRequests(db)
  }

  /**
   * The first answer to `request`, or what `work` answers when there is none yet; a repetition waits for one that is
   * being carried out. Throws `conflict` when that takes too long and, as 422, when the key stands for something else.
   */
  async answer(
    request: IdempotentCall,
    work: (messageId: string) => Promise<Answer>,
  ): Promise<{ answer: Answer; isRepeated: boolean }> {
    const name = `${request.userId}/${request.key}`
    for (let running = this.#running.get(name); running; running = this.#running.get(name)) {
      if (running.fingerprint !== request.fingerprint) throw keyReused()
      await finished(running)
    }
    const done = this.#perform({ ...request, at: Date.now() }, work)
    this.#running.set(name, { fingerprint: request.fingerprint, done })
    try {
      return await done
    } finally {
      this.#running.delete(name)
    }
  }

  async #perform(request: RepeatableRequest, work: (messageId: string) => Promise<Answer>) {
    const first = await this.#requests.firstOf(request)
    if (first.fingerprint !== request.fingerprint) throw keyReused()
    if (first.answer) return { answer: first.answer, isRepeated: true }
    const answer = await work(first.messageId)
    const { status, contentType, body } = answer
    if (typeof body === 'string') {
      // The message has left; a repetition that finds no answer sends the same message again.
      await this.#requests
        .keepAnswer(request, { status, contentType, body })
        .catch((error: unknown) =>
          this.#log.warn({ err: error }, 'the answer to a repeatable request could not be kept'),
        )
    }
    return { answer, isRepeated: false }
  }
}

async function finished({ done }: Running): Promise<void> {
  const waiting = new AbortController()
  const tooLong = delay(LONGEST_WAIT_MS, true, { signal: waiting.signal, ref: false }).catch(() => false)
  const isOver = done.then(
    () => false,
    () => false,
  )
  try {
    if (await Promise.race([isOver, tooLong])) {
      throw new ApiError('conflict', {
        text: 'the first request with this key is still being carried out; repeat it later',
        retryAfterSeconds: 10,
      })
    }
  } finally {
    waiting.abort()
  }
}

function keyReused(): ApiError {
  return new ApiError('conflict', {
    status: 422,
    text: 'this Idempotency-Key was used for a different request; use a new key',
  })
}
