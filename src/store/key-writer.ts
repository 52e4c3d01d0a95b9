import { ApiError } from '../lib/errors.ts'
import type { Observer } from '../lib/observer.ts'
import type { Secrets } from '../lib/secrets.ts'
import { isOneStatement, type KeyValue, writeKeys, writeLeasedKeys } from './auth.ts'
import { type Database, isPostgres } from './database.ts'
import { type InboxDraft, insertInbox } from './inbox.ts'
import { type Lease, lockLeases } from './leases.ts'
import { keepMessages, type StoredMessage } from './messages.ts'

/** What one session wants written at once: all of it or nothing. */
export interface KeyChange {
  values?: KeyValue[]
  inbox?: InboxDraft[]
  /** Sent messages: those that were put in before a ratchet are on disk before it is. */
  messages?: StoredMessage[]
  /** Nothing is written unless this is good in the same commit; the write then fails with `lease_lost`. */
  lease?: Lease
}

/** Keys of many sessions for one commit. */
interface KeyRows {
  values: KeyValue[]
  inbox: InboxDraft[]
  leases: Lease[]
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
  readonly #observer: Pick<Observer, 'committed'> | undefined
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(db: Database, secrets: Secrets, observer?: Pick<Observer, 'committed'>) {
    this.#db = db
    this.#secrets = secrets
    this.#observer = observer
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
      const { good, stale } = byEpoch(batch)
      const startedAt = performance.now()
      const held = await this.#commit(good)
      this.#observer?.committed({
        rows: good.reduce((sum, { change }) => sum + rowsOf(change), 0),
        seconds: (performance.now() - startedAt) / 1000,
      })
      for (const { change, resolve, reject } of good) {
        if (!change.lease || held.has(change.lease.userId)) resolve()
        else reject(new ApiError('lease_lost'))
      }
      for (const { reject } of stale) reject(new ApiError('lease_lost'))
    } catch (error) {
      if (batch.length === 1) for (const { reject } of batch) reject(error)
      // One change that cannot be written (a deleted user) must not fail the others.
      else for (const one of batch) await this.#commitTogether([one])
    }
  }

  /** Writes what may be written; yields the users whose lease was good. */
  async #commit(batch: Waiting[]): Promise<Set<string>> {
    const values = batch.flatMap(({ change }) => change.values ?? [])
    const inbox = batch.flatMap(({ change }) => change.inbox ?? [])
    const messages = batch.flatMap(({ change }) => change.messages ?? [])
    const leases = new Map(batch.flatMap(({ change: { lease } }) => (lease ? [[lease.userId, lease]] : [])))
    // Messages need no transaction with the ratchets, they only must be there before anybody hears of either.
    const kept = keepMessages(this.#db, messages)
    const [, held] = await Promise.all([
      kept,
      this.#commitKeys({ values, inbox, leases: [...leases.values()] }),
    ])
    return held
  }

  async #commitKeys(rows: KeyRows): Promise<Set<string>> {
    const { values, inbox, leases } = rows
    const leased = new Set(leases.map(({ userId }) => userId))
    // A send writes a few sessions and nothing else: one statement is atomic by itself, at a third of the time.
    if (inbox.length === 0 && isOneStatement(values)) {
      if (leases.length === 0) {
        await writeKeys(this.#db, this.#secrets, values)
        return leased
      }
      const isLeased = values.every(({ userId }) => leased.has(userId))
      if (isLeased && isPostgres(this.#db)) return writeLeasedKeys(this.#db, this.#secrets, rows)
    }
    return this.#db.transaction(async (trx) => {
      const held = await lockLeases(trx, leases)
      const isWritable = ({ userId }: { userId: string }) => !leased.has(userId) || held.has(userId)
      await writeKeys(trx, this.#secrets, values.filter(isWritable))
      await insertInbox(trx, this.#secrets, inbox.filter(isWritable))
      return held
    })
  }
}

/** Sets changes aside whose session has been taken over anew meanwhile, by this very node. */
function byEpoch(batch: Waiting[]): { good: Waiting[]; stale: Waiting[] } {
  const newest = new Map<string, number>()
  for (const { change } of batch) {
    if (!change.lease) continue
    const { userId, epoch } = change.lease
    newest.set(userId, Math.max(newest.get(userId) ?? 0, epoch))
  }
  const isStale = ({ change: { lease } }: Waiting) =>
    lease !== undefined && lease.epoch < (newest.get(lease.userId) ?? 0)
  return { good: batch.filter((one) => !isStale(one)), stale: batch.filter(isStale) }
}

function rowsOf({ values = [], inbox = [], messages = [] }: KeyChange): number {
  return values.length + inbox.length + messages.length
}
