import type { Secrets } from '../lib/secrets.ts'
import { isOneStatement, type KeyValue, writeKeys } from './auth.ts'
import type { Database, Transaction } from './database.ts'
import { type InboxDraft, insertInbox } from './inbox.ts'
import { keepMessages, type StoredMessage } from './messages.ts'

/** What one session wants written at once: all of it or nothing. */
export interface KeyChange {
  values?: KeyValue[]
  inbox?: InboxDraft[]
  /** Sent messages: those that were put in before a ratchet are on disk before it is. */
  messages?: StoredMessage[]
  /** Runs first in the transaction; throws when this node may no longer write for the session. */
  fence?: (trx: Transaction) => Promise<void>
}

interface KeyRows {
  values: KeyValue[]
  inbox: InboxDraft[]
  fences: NonNullable<KeyChange['fence']>[]
}

interface Waiting {
  change: KeyChange
  resolve: () => void
  reject: (error: unknown) => void
}

// Bounds the time one commit takes, and with it the wait of everybody behind it.
const ROWS_PER_COMMIT = 1_000
// A send's ratchets follow its message within a millisecond or two.
const PATIENCE_MS = 10

/**
 * Writes the keys of all sessions, one commit at a time. What waits at that moment shares a commit: a send to eight
 * devices, or eight sessions sending at once, cost one. An idle writer starts in the same turn of the event loop.
 */
export class KeyWriter {
  readonly #db: Database
  readonly #secrets: Secrets
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(db: Database, secrets: Secrets) {
    this.#db = db
    this.#secrets = secrets
  }

  /** Resolves when the change is committed; rejects when it is not, and then nothing of it is stored. */
  write(change: KeyChange): Promise<void> {
    const written = this.#add(change)
    this.#start()
    return written
  }

  /** As `write`, but waits a moment for another change to share the commit with. */
  writeAlong(change: KeyChange): Promise<void> {
    const written = this.#add(change)
    this.#patience ??= setTimeout(() => this.#start(), PATIENCE_MS)
    return written
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0) this.#start()
    while (this.#running) await this.#running
  }

  #add(change: KeyChange): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ change, resolve, reject }))
  }

  #start(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Everything that is ready in this turn of the event loop joins the first commit.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) await this.#commitTogether(this.#nextBatch())
    this.#running = undefined
  }

  #nextBatch(): Waiting[] {
    let rows = 0
    let length = 0
    for (const { change } of this.#waiting) {
      rows += rowsOf(change)
      if (length > 0 && rows > ROWS_PER_COMMIT) break
      length += 1
    }
    return this.#waiting.splice(0, length)
  }

  async #commitTogether(batch: Waiting[]): Promise<void> {
    try {
      await this.#commit(batch)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      if (batch.length === 1) for (const { reject } of batch) reject(error)
      // One change that cannot be written (a lost lease, a deleted user) must not fail the others.
      else for (const one of batch) await this.#commitTogether([one])
    }
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const values = batch.flatMap(({ change }) => change.values ?? [])
    const inbox = batch.flatMap(({ change }) => change.inbox ?? [])
    const messages = batch.flatMap(({ change }) => change.messages ?? [])
    const fences = batch.flatMap(({ change }) => change.fence ?? [])
    // Messages need no transaction with the ratchets, they only must be there before anybody hears of either.
    const kept = keepMessages(this.#db, messages)
    await Promise.all([kept, this.#commitKeys({ values, inbox, fences })])
  }

  async #commitKeys({ values, inbox, fences }: KeyRows): Promise<void> {
    // A send writes a few sessions and nothing else: one statement is atomic by itself, at a third of the time.
    if (inbox.length === 0 && fences.length === 0 && isOneStatement(values)) {
      return writeKeys(this.#db, this.#secrets, values)
    }
    await this.#db.transaction(async (trx) => {
      for (const fence of fences) await fence(trx)
      await writeKeys(trx, this.#secrets, values)
      await insertInbox(trx, this.#secrets, inbox)
    })
  }
}

function rowsOf({ values = [], inbox = [], messages = [] }: KeyChange): number {
  return values.length + inbox.length + messages.length
}
