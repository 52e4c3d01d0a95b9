import type { Logger } from '../lib/logger.ts'
import type { Database } from '../store/database.ts'
import type { KeyWriter } from '../store/key-writer.ts'
import { findMessage, type Progress, setMessageStatus } from '../store/messages.ts'
import { proto } from './engine.ts'
import { addSent } from './message-history.ts'

export interface SentMessage {
  id: string
  chat: string
  sender: string
  message: proto.IMessage
}

interface Outcome {
  userId: string
  id: string
  status: Progress
}

const GATHER_MS = 100

/**
 * The messages accounts have sent: kept before they leave, because retry receipts ask for them days later
 * (guide to the library §4). What became of them is noted in batches in the background.
 */
export class SentMessages {
  readonly #db: Database
  readonly #writer: KeyWriter
  readonly #log: Logger
  #outcomes: Outcome[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(db: Database, writer: KeyWriter, log: Logger) {
    this.#db = db
    this.#writer = writer
    this.#log = log
  }

  /**
   * Stores a message that is about to leave. The writer keeps the order: once a ratchet that was written after this
   * call is committed, so is the message.
   */
  keep(userId: string, { id, chat, sender, message }: SentMessage): Promise<void> {
    const encoded = proto.Message.encode(message).finish()
    const row = { userId, id, chat, sender, fromMe: true, at: Date.now(), proto: encoded, status: 'pending' }
    return this.#writer.write({ messages: [row] })
  }

  /** The message with this id, for a retry receipt. */
  async find(userId: string, id: string): Promise<proto.IMessage | undefined> {
    const stored = await findMessage(this.#db, { userId, id })
    return stored?.fromMe ? proto.Message.decode(stored.proto) : undefined
  }

  /** Notes what became of a message; written within a moment, nobody waits for it. */
  mark(userId: string, id: string, status: Progress): void {
    this.#outcomes.push({ userId, id, status })
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const outcomes = this.#outcomes
    this.#outcomes = []
    if (outcomes.length > 0) {
      this.#writing = this.#writing
        .then(() => this.#write(outcomes))
        // The message itself is safe; only its last status is lost.
        .catch((error: unknown) =>
          this.#log.warn({ err: error }, 'could not note what became of sent messages'),
        )
    }
    return this.#writing
  }

  #write(outcomes: Outcome[]): Promise<void> {
    return this.#db.transaction(async (trx) => {
      for (const status of new Set(outcomes.map((outcome) => outcome.status))) {
        const some = outcomes.filter((outcome) => outcome.status === status)
        await setMessageStatus(trx, some, status)
        if (status === 'sent') await addSent(trx, some)
      }
    })
  }
}
