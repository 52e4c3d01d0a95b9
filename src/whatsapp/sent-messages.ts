import type { Logger } from '../lib/logger.ts'
import type { Database } from '../store/database.ts'
import { findMessage, keepMessage, setMessageStatus } from '../store/messages.ts'
import { proto } from './engine.ts'

export interface SentMessage {
  id: string
  chat: string
  sender: string
  message: proto.IMessage
}

const GATHER_MS = 20

/**
 * The messages accounts have sent: kept before they leave, because retry receipts ask for them days later
 * (guide to the library §4). What became of them is noted in batches in the background.
 */
export class SentMessages {
  readonly #db: Database
  readonly #log: Logger
  #outcomes = new Map<string, { userId: string; status: string; ids: string[] }>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(db: Database, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Stores a message that is about to leave. */
  keep(userId: string, { id, chat, sender, message }: SentMessage): Promise<void> {
    const encoded = proto.Message.encode(message).finish()
    return keepMessage(this.#db, {
      userId,
      id,
      chat,
      sender,
      fromMe: true,
      at: Date.now(),
      proto: encoded,
      status: 'pending',
    })
  }

  /** The message with this id, for a retry receipt. */
  async find(userId: string, id: string): Promise<proto.IMessage | undefined> {
    const stored = await findMessage(this.#db, { userId, id })
    return stored?.fromMe ? proto.Message.decode(stored.proto) : undefined
  }

  /** Notes what became of a message; written within milliseconds, nobody waits for it. */
  mark(userId: string, id: string, status: 'sent' | 'failed'): void {
    const key = `${userId}/${status}`
    const outcome = this.#outcomes.get(key)
    if (outcome) outcome.ids.push(id)
    else this.#outcomes.set(key, { userId, status, ids: [id] })
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const outcomes = [...this.#outcomes.values()]
    this.#outcomes = new Map()
    if (outcomes.length) {
      this.#writing = this.#writing
        .then(() => this.#write(outcomes))
        .catch((error: unknown) => {
          // The message itself is safe; only its last status is lost.
          this.#log.warn({ err: error }, 'could not note what became of sent messages')
        })
    }
    return this.#writing
  }

  #write(outcomes: { userId: string; status: string; ids: string[] }[]): Promise<void> {
    return this.#db.transaction(async (trx) => {
      for (const { userId, status, ids } of outcomes) await setMessageStatus(trx, { userId, ids }, status)
    })
  }
}
