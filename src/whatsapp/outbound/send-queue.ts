import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../lib/errors.ts'
import { TurnsByKey } from '../../lib/flow/turns-by-key.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'

/** How fast and how much may be sent. */
export interface Pace {
  /** Messages of one session per second; 0 = as they come. */
  perSecond: number
  /** Messages that a session which was quiet may send at once; without it, those of a second. */
  burst?: number
  /** Messages of one session in flight at once, waiting ones included. */
  perSession: number
  /** The messages of all sessions in flight. */
  total: Semaphore
  /** Hears how each message ended. */
  observer?: Pick<Instrumentation, 'sent'>
}

// A request that waits longer is likely to be given up by whoever made it.
const LONGEST_WAIT_MS = 30_000
const SECOND_MS = 1_000

/** A number of places of which some are taken; nobody waits for one. */
export class Semaphore {
  readonly #limit: number
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes a place; false when there is none. */
  take(): boolean {
    if (this.#taken >= this.#limit) return false
    this.#taken++
    return true
  }

  giveBack(): void {
    this.#taken--
  }

  get taken(): number {
    return this.#taken
  }
}

/** One message on its way through the queue. */
export interface Send<Prepared, Result> {
  /** Messages of one chat are written in the order they came. */
  chat: string
  /** Finds out what has to be known first, while messages of other chats are written. */
  prepare(): Promise<Prepared>
  /** Writes the message when its turn has come; what it returns holds up nothing that follows. */
  write(prepared: Prepared): Promise<{ acknowledged: Promise<Result> }>
}

/**
 * The sends of one account: written one after the other, as the library does them and no faster than its pace, while
 * their acks may overlap. The number in flight is limited; a burst would otherwise be held in memory until the socket
 * catches up.
 */
export class SendQueue {
  readonly #pace: Pace
  readonly #signal: AbortSignal
  readonly #slots: Semaphore
  readonly #chats = new TurnsByKey()
  #lastWrite: Promise<unknown> = Promise.resolve()
  /** When the bucket is full again: each message takes a token, which comes back after its share of a second. */
  #fullAt = 0

  /** `signal` ends the waiting when the session stops. */
  constructor(pace: Pace, signal: AbortSignal) {
    this.#pace = pace
    this.#signal = signal
    this.#slots = new Semaphore(pace.perSession)
  }

  /**
   * Prepares a message, writes it when its turn has come, and waits for its ack. Throws `rate_limited`: 429 when too many
   * of this session are in flight or the wait would be too long, 503 when too many of all sessions are.
   */
  async run<Prepared, Result>(send: Send<Prepared, Result>): Promise<Result> {
    const { total, observer } = this.#pace
    try {
      if (!total.take()) throw tooManyOfAll()
      try {
        const sent = await this.#runHere(send)
        observer?.sent('ok')
        return sent
      } finally {
        total.giveBack()
      }
    } catch (error) {
      observer?.sent(error instanceof ApiError ? error.code : 'internal')
      throw error
    }
  }

  async #runHere<Prepared, Result>({ chat, prepare, write }: Send<Prepared, Result>): Promise<Result> {
    if (!this.#slots.take()) throw tooManyOfThis(this.#pace.perSession)
    try {
      const startAt = this.#takeToken(performance.now())
      const preparing = prepare()
      // It may fail before its chat's turn comes.
      preparing.catch(() => {})
      const { turn } = await this.#chats.run(chat, async () => {
        const prepared = await preparing
        return { turn: this.#inTurn(startAt, () => write(prepared)) }
      })
      return await (await turn).acknowledged
    } finally {
      this.#slots.giveBack()
    }
  }

  /** Writes when everything that came before is written, and not before `startAt`. */
  #inTurn<Written>(startAt: number, write: () => Promise<Written>): Promise<Written> {
    const paced = async () => {
      const waitMs = startAt - performance.now()
      // A session that stops refuses the write itself.
      if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#signal }).catch(() => {})
      return write()
    }
    const turn = this.#lastWrite.then(paced, paced)
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  /** When a message that comes now may leave. A session that was quiet for long enough may send a burst at once. */
  #takeToken(now: number): number {
    const { perSecond, burst } = this.#pace
    if (perSecond === 0) return now
    const refillMs = SECOND_MS / perSecond
    const fullAt = Math.max(this.#fullAt, now) + refillMs
    const startAt = fullAt - (burst === undefined ? Math.max(SECOND_MS, refillMs) : burst * refillMs)
    if (startAt - now > LONGEST_WAIT_MS) {
      throw new ApiError('rate_limited', {
        text: `this session may send ${spoken(perSecond)} and has more than ${LONGEST_WAIT_MS / SECOND_MS} seconds of them waiting; try again later`,
        retryAfterSeconds: Math.ceil((startAt - now - LONGEST_WAIT_MS) / SECOND_MS),
      })
    }
    this.#fullAt = fullAt
    return startAt
  }
}

function spoken(perSecond: number): string {
  if (perSecond >= 1) return `${perSecond} messages per second`
  return `${Math.round(perSecond * 60 * 100) / 100} messages per minute`
}

function tooManyOfAll(): ApiError {
  return new ApiError('rate_limited', {
    status: 503,
    text: 'the server has too many messages waiting to be sent; try again in a moment',
    retryAfterSeconds: 1,
  })
}

function tooManyOfThis(perSession: number): ApiError {
  return new ApiError('rate_limited', {
    text: `${perSession} messages of this session are waiting to be sent; try again in a moment`,
    retryAfterSeconds: 1,
  })
}
