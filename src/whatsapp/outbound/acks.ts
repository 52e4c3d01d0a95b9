import { ApiError } from '../../lib/errors.ts'
import { bare, isSharedJid, serverOf } from '../../lib/jid.ts'
import type { MessageName, MessageNames } from '../../lib/message-ref.ts'
import type { BinaryNode } from '../library/engine.ts'

interface Sent {
  chat: string
}

interface Waiter extends Sent {
  resolve(timestamp: number): void
  reject(error: ApiError): void
}

/** The answer that is to come. */
interface Expected {
  acknowledged: Promise<number>
  /** Whether `acknowledged` is settled, with all that has arrived by now. */
  isAnswered(): Promise<boolean>
  cancel(): void
}

// An ack takes a moment; those of messages that nobody waits for any more come within minutes, if at all.
const MOST_FORMER = 200
const MOST_FORMER_CHATS = 20

/** The failure that the `error` of an ack (463, 479, ...) stands for. */
export function refusedByAck(code: string): ApiError {
  return new ApiError('upstream_refused', {
    text: `server returned error ${code}`,
    refusal: { by: 'ack', code },
  })
}

/**
 * The messages of one socket that the server has not acknowledged yet.
 * The library resolves a send when the bytes are written; only `<ack class="message">` says that WhatsApp took it.
 */
export class Acks {
  readonly #late: (name: MessageNames) => void
  /** By id; a program may give the same to messages for several chats. */
  readonly #waiting = new Map<string, Waiter[]>()
  /** Where messages went that nobody waits for any more, the latest, by id. An ack for one of them is for no other. */
  readonly #former = new Map<string, Sent[]>()

  /** `late` hears of messages that were taken after their sender had given up waiting. */
  constructor(late: (name: MessageNames) => void = () => {}) {
    this.#late = late
  }

  /** Takes an `<ack class="message">` stanza; one with `error` refuses the message (463, 479, ...). */
  handle(node: BinaryNode): void {
    const { id = '', from, error, t } = node.attrs
    const chat = bare(from)
    const waiting = this.#waiting.get(id) ?? []
    const former = this.#former.get(id) ?? []
    const waiter = find(waiting, chat) ?? (find(former, chat) ? undefined : meantBy(chat, waiting))
    if (!waiter) {
      const sent = find(former, chat) ?? meantBy(chat, former)
      if (!error) this.#late({ id, chats: [sent?.chat ?? chat] })
      return
    }
    this.#forget(id, waiter)
    if (error) waiter.reject(refusedByAck(error))
    else waiter.resolve(Number(t) || Math.floor(Date.now() / 1000))
  }

  /**
   * Resolves with the server's time (unix seconds) once the message is acknowledged.
   * Rejects with `upstream_refused` when the ack carries an error and `upstream_timeout` after `timeoutMs`.
   */
  expect({ id, chat }: MessageName, timeoutMs: number): Expected {
    let timer: NodeJS.Timeout | undefined
    let waiter: Waiter | undefined
    const acknowledged = new Promise<number>((resolve, reject) => {
      waiter = { chat: bare(chat), resolve, reject }
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), waiter])
      timer = setTimeout(
        () =>
          reject(new ApiError('upstream_timeout', { text: 'timed out waiting for message send response' })),
        timeoutMs,
      )
    })
    const cancel = () => {
      clearTimeout(timer)
      this.#forget(id, waiter)
    }
    // A send that fails before its ack leaves this promise unobserved; that must not count as unhandled.
    acknowledged.catch(() => {})
    void acknowledged.then(cancel, cancel)
    const isAnswered = async () => {
      await new Promise(setImmediate)
      return !this.#waiting.get(id)?.some((one) => one === waiter)
    }
    return { acknowledged, isAnswered, cancel }
  }

  /** Fails everything that still waits, because the socket is gone: whether WhatsApp took them is unknown. */
  abandon(): void {
    for (const waiter of [...this.#waiting.values()].flat()) {
      waiter.reject(
        new ApiError('not_connected', {
          text: 'websocket disconnected before message send returned response',
        }),
      )
    }
    this.#waiting.clear()
    this.#former.clear()
  }

  #forget(id: string, waiter: Waiter | undefined): void {
    const waiting = this.#waiting.get(id) ?? []
    if (!waiter || !waiting.includes(waiter)) return
    this.#remember(id, waiter)
    const others = waiting.filter((one) => one !== waiter)
    if (others.length > 0) this.#waiting.set(id, others)
    else this.#waiting.delete(id)
  }

  #remember(id: string, { chat }: Waiter): void {
    const former = this.#former.get(id) ?? []
    this.#former.delete(id)
    this.#former.set(id, find(former, chat) ? former : [...former, { chat }].slice(-MOST_FORMER_CHATS))
    const [oldest = id] = this.#former.keys()
    if (this.#former.size > MOST_FORMER) this.#former.delete(oldest)
  }
}

function find<One extends Sent>(sent: One[], chat: string): One | undefined {
  return sent.find((one) => one.chat === chat)
}

/**
 * Which of the messages with one id an ack is for that names no chat, or a person by another JID than the message was sent
 * to: a LID, or the number as WhatsApp writes it, which differs in Brazil, Mexico and Argentina. Two numbers can only be
 * taken for one where there is no other message.
 */
function meantBy<One extends Sent>(acknowledged: string, sent: One[]): One | undefined {
  if (!acknowledged) return sent[0]
  if (isSharedJid(acknowledged)) return undefined
  const people = sent.filter(({ chat }) => !isSharedJid(chat))
  const byOtherName = people.find(({ chat }) => serverOf(chat) !== serverOf(acknowledged))
  return byOtherName ?? (sent.length === 1 ? people[0] : undefined)
}
