import { setTimeout as delay } from 'node:timers/promises'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { MessageRef } from '../../lib/message-ref.ts'
import { askForUpload } from '../../whatsapp/content/media-retry.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** A file that WhatsApp no longer has. */
export interface ExpiredFile {
  userId: string
  message: MessageRef
  mediaKey: Uint8Array
}

/** How long an answer, or that there is none, is remembered: the deliveries of one event ask once. */
const ANSWER_KEPT_MS = 10 * 60_000
/** A phone that did not answer is not waited for again for so long, unless it answers meanwhile. */
const SILENCE_MS = 5 * 60_000
const SHORT_PATIENCE_MS = 2_000
/** The phone may be asleep and has to upload the file first. */
const PATIENCE_MS = 30_000
const MAX_REMEMBERED = 10_000

/**
 * Asks phones for files that WhatsApp no longer has. Questions run side by side, as many as there are; once a phone has
 * left one unanswered, the next ones are given little time.
 */
export class ExpiredFiles {
  readonly #sessionOf: (userId: string) => LiveSession | undefined
  readonly #answers = new BoundedCache<string, Promise<string | undefined>>({
    max: MAX_REMEMBERED,
    ttl: ANSWER_KEPT_MS,
  })
  readonly #silent = new BoundedCache<string, true>({ max: MAX_REMEMBERED, ttl: SILENCE_MS })

  readonly #patienceMs: number

  /** `timeoutMs` is how long anybody waits for a file; the phone gets half of it, and half a minute at most. */
  constructor(sessionOf: (userId: string) => LiveSession | undefined, timeoutMs: number) {
    this.#sessionOf = sessionOf
    this.#patienceMs = Math.min(PATIENCE_MS, timeoutMs / 2)
  }

  /**
   * Where the file is now; undefined when nobody has it, or nobody says so in time. Rejects when the question cannot be
   * sent.
   */
  ask(file: ExpiredFile): Promise<string | undefined> {
    const { userId, message } = file
    const key = JSON.stringify([userId, message.chat, message.id])
    const answer = this.#answers.get(key) ?? this.#ask(key, file)
    // A question is heard out all the same: a phone that answers late is one that answers.
    return this.#silent.has(userId) ? this.#soon(answer) : answer
  }

  #ask(key: string, { userId, message, mediaKey }: ExpiredFile): Promise<string | undefined> {
    const session = this.#sessionOf(userId)
    if (!session) return Promise.resolve(undefined)
    const question = { message, mediaKey, patienceMs: this.#patienceMs }
    const answer = askForUpload(session, question).then(({ directPath, hasAnswered }) => {
      if (hasAnswered) this.#silent.delete(userId)
      else this.#silent.set(userId, true)
      return directPath
    })
    this.#answers.set(key, answer)
    answer.catch(() => this.#answers.delete(key))
    return answer
  }

  /** What is said soon; undefined otherwise. */
  async #soon(answer: Promise<string | undefined>): Promise<string | undefined> {
    const waiting = new AbortController()
    const patienceMs = Math.min(SHORT_PATIENCE_MS, this.#patienceMs)
    const silence = delay(patienceMs, undefined, { signal: waiting.signal }).catch(() => undefined)
    try {
      return await Promise.race([answer, silence])
    } finally {
      waiting.abort()
    }
  }
}
