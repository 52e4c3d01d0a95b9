import { ApiError } from '../../lib/errors.ts'
import { Batcher } from '../../lib/flow/batcher.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Database, isPostgres, isWithoutRoom, judgeWrite } from '../database/database.ts'
import { type InboxDraft, insertInbox } from '../messages/inbox.ts'
import { keepMessages, type StoredMessage } from '../messages/messages.ts'
import { type Lease, lockLeases } from '../nodes/leases.ts'
import { isOneStatement, type KeyValue, writeKeys, writeLeasedKeys } from './auth.ts'

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
  readonly #observer: Pick<Instrumentation, 'committed'> | undefined
  readonly #changes: Batcher<KeyChange, Set<KeyChange>>

  constructor(db: Database, secrets: Secrets, observer?: Pick<Instrumentation, 'committed'>) {
    this.#db = db
    this.#secrets = secrets
    this.#observer = observer
    this.#changes = new Batcher({
      write: (changes) => this.#commitTogether(changes),
      // A message that finds no room must not take the keys with it: a session that cannot store its keys ends.
      judge: (error) => (isWithoutRoom(error) ? 'refused' : judgeWrite(error)),
      maxSize: ROWS_PER_COMMIT,
      sizeOf: rowsOf,
    })
  }

  /** Resolves when the change is committed; rejects when it is not, and then nothing of it is stored. */
  async write(change: KeyChange): Promise<void> {
    requireLease(change, await this.#changes.add(change))
  }

  /** As `write`, but waits a moment for another change to share the commit with. */
  async writeAlong(change: KeyChange): Promise<void> {
    requireLease(change, await this.#changes.add(change, PATIENCE_MS))
  }

  /** Resolves when nothing waits to be written. */
  idle(): Promise<void> {
    return this.#changes.idle()
  }

  /** Yields the changes that were written; the lease of all others is lost. */
  async #commitTogether(changes: KeyChange[]): Promise<Set<KeyChange>> {
    const current = ofNewestEpochs(changes)
    const startedAt = performance.now()
    const held = await this.#commit(current)
    this.#observer?.committed({
      rows: current.reduce((sum, change) => sum + rowsOf(change), 0),
      seconds: (performance.now() - startedAt) / 1000,
    })
    return new Set(current.filter(({ lease }) => !lease || held.has(lease.userId)))
  }

  /** Writes what may be written; yields the users whose lease was good. */
  async #commit(changes: KeyChange[]): Promise<Set<string>> {
    const values = changes.flatMap((change) => change.values ?? [])
    const inbox = changes.flatMap((change) => change.inbox ?? [])
    const messages = changes.flatMap((change) => change.messages ?? [])
    const leases = new Map(changes.flatMap(({ lease }) => (lease ? [[lease.userId, lease]] : [])))
    // Messages need no transaction with the ratchets, they only must be there before anybody hears of either.
    const kept = keepMessages(this.#db, messages)
    const committed = this.#commitKeys({ values, inbox, leases: [...leases.values()] })
    // Both have ended before anything is written again: what came later must not be overtaken.
    await Promise.allSettled([kept, committed])
    await kept
    return committed
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

/** The changes without those whose session has been taken over anew meanwhile, by this very node. */
function ofNewestEpochs(changes: KeyChange[]): KeyChange[] {
  const newest = new Map<string, number>()
  for (const { lease } of changes) {
    if (lease) newest.set(lease.userId, Math.max(newest.get(lease.userId) ?? 0, lease.epoch))
  }
  return changes.filter(({ lease }) => !lease || lease.epoch === newest.get(lease.userId))
}

function requireLease(change: KeyChange, written: Set<KeyChange>): void {
  if (!written.has(change)) throw new ApiError('lease_lost')
}

function rowsOf({ values = [], inbox = [], messages = [] }: KeyChange): number {
  return values.length + inbox.length + messages.length
}
