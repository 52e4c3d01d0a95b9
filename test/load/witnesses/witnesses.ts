import { setTimeout as delay } from 'node:timers/promises'
import { call } from '../client.ts'
import type { MoodyReceiver } from '../moody-receiver.ts'
import type { Flight } from './lag.ts'

/** A linked phone and the person who writes to it. */
export interface Pair {
  own: string
  contact: string
}

const SENTENCE_PAUSE_MS = 250
/** A contact whose messages pile up pauses: that it is slow is known by then, and a slow machine shall come to an end. */
const MAX_UNDELIVERED = 50

/** Sessions whose receiver is always good, and whose contacts write at a steady pace: they notice what others do. */
export class Witnesses {
  /** What each contact wrote. */
  readonly texts: string[][]
  readonly #pairs: Pair[]
  readonly #control: string
  readonly #receiver: MoodyReceiver
  readonly #sentAt = new Map<string, number>()

  constructor({ pairs, control, receiver }: { pairs: Pair[]; control: string; receiver: MoodyReceiver }) {
    this.#pairs = pairs
    this.#control = control
    this.#receiver = receiver
    this.texts = pairs.map(() => [])
  }

  /** Lets all contacts write until `end`; resolves when the last message has been taken by the network. */
  async talkUntil(end: number): Promise<void> {
    await Promise.all(
      this.#pairs.map(async ({ own, contact }, index) => {
        const spoken = this.texts[index] ?? []
        for (let due = Date.now() + Math.random() * SENTENCE_PAUSE_MS; due < end; due += SENTENCE_PAUSE_MS) {
          await delay(Math.max(0, due - Date.now()))
          if (spoken.filter((text) => !this.#receiver.texts.has(text)).length >= MAX_UNDELIVERED) continue
          const text = `tw-${index}-${spoken.length}`
          await call(`${this.#control}/sandbox/contacts/${contact}/send`, { body: { to: own, text } })
          this.#sentAt.set(text, Date.now())
          spoken.push(text)
        }
      }),
    )
  }

  /** Messages that were sent from `from` on and before `to`, and when they arrived first. */
  flights({ from, to }: { from: number; to: number }): Flight[] {
    const arrivals = new Map<string, number>()
    for (const { text, at } of this.#receiver.accepted) if (!arrivals.has(text)) arrivals.set(text, at)
    return [...this.#sentAt].flatMap(([text, sentAt]) =>
      sentAt >= from && sentAt < to ? [{ sentAt, arrivedAt: arrivals.get(text) }] : [],
    )
  }
}
