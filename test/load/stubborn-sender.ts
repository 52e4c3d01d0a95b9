import { setTimeout as delay } from 'node:timers/promises'

interface Place {
  /** Address of the server. */
  base: string
  token: string
  /** Phone of the recipient. */
  contact: string
  /** When to give up, in milliseconds since 1970. */
  deadline: number
}

const RETRY_MS = 250
/** Longer than the server waits for WhatsApp, so that it hears what became of its request. */
const PATIENCE_MS = 30_000
/** Answers that ask for a repetition: too slow, already being carried out, too many. */
const TRANSIENT = new Set([408, 409, 429])

/** A program that sends texts one after the other, and repeats each under its key until the server has accepted it. */
export class StubbornSender {
  readonly accepted: string[] = []
  /** Texts that were given up in the end: they may have left. */
  readonly unfinished: string[] = []
  /** Answers after which repeating is of no use. */
  readonly refusals: string[] = []
  /** Requests made again. */
  repeated = 0
  /** Requests that were taken and never answered: their texts may have left. */
  interrupted = 0
  /** Repetitions that got the answer to an earlier request. */
  replayed = 0
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  /** Resolves when the text has been accepted or given up. */
  async send(text: string): Promise<void> {
    for (let isFirst = true; isFirst || Date.now() < this.#place.deadline; isFirst = false) {
      if (!isFirst) this.repeated++
      const answer = await this.#request(text)
      if (answer?.status === 200) {
        if (answer.headers.has('idempotent-replayed')) this.replayed++
        this.accepted.push(text)
        return
      }
      if (answer && answer.status < 500 && !TRANSIENT.has(answer.status)) {
        this.refusals.push(`${text}: ${answer.status} ${answer.body}`)
        return
      }
      await delay(RETRY_MS)
    }
    this.unfinished.push(text)
  }

  /** The server's whole answer; undefined when there is none, because it is not there or went away. */
  async #request(text: string): Promise<{ status: number; headers: Headers; body: string } | undefined> {
    const { base, token, contact } = this.#place
    try {
      const response = await fetch(`${base}/chat/send/text`, {
        method: 'POST',
        headers: { token, 'content-type': 'application/json', 'idempotency-key': text },
        body: JSON.stringify({ Phone: contact, Body: text }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      return { status: response.status, headers: response.headers, body: await response.text() }
    } catch (error) {
      if (!isRefused(error)) this.interrupted++
      return undefined
    }
  }
}

/** Whether nobody listened, which `fetch` tells in the cause of its error. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}
