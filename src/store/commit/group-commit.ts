import { ApiError } from '../../lib/errors.ts'
import { Batcher } from '../../lib/flow/batcher.ts'
import type { Instrumentation } from '../../lib/instrumentation.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import { type Database, isPostgres, isWithoutRoom, judgeWrite } from '../database/database.ts'
import type { Change, Committed } from './change.ts'
import { commitOnPostgres } from './postgres-commit.ts'
import { commitOnSqlite } from './sqlite-commit.ts'

// Bounds the time one commit takes, and with it the wait of everybody behind it.
const ROWS_PER_COMMIT = 1_000
// What is answered by then is written as delivered, and needs no second write.
const ANSWER_MS = 10
// A send's ratchets follow its message within a millisecond or two.
const PATIENCE_MS = 10

/**
 * Writes what all sessions have to write with every message, one commit at a time. What waits at that moment shares a
 * commit: a send to eight devices, or eight sessions sending at once, cost one. An idle writer starts in the same turn of
 * the event loop.
 */
export class GroupCommit {
  readonly #db: Database
  readonly #secrets: Secrets
  readonly #observer: Pick<Instrumentation, 'committed'> | undefined
  readonly #changes: Batcher<Change, { written: Set<Change>; committed: Committed }>

  constructor(db: Database, secrets: Secrets, observer?: Pick<Instrumentation, 'committed'>) {
    this.#db = db
    this.#secrets = secrets
    this.#observer = observer
    this.#changes = new Batcher({
      write: (changes) => this.#commitTogether(changes),
      // A message that finds no room must not take the keys with it: a session that cannot store its keys ends.
      judge: (error) => (isWithoutRoom(error) ? 'refused' : judgeWrite(error)),
      maxSize: ROWS_PER_COMMIT,
      sizeOf,
    })
  }

  /**
   * Resolves when the change is committed, with what the commit says of it and those it shared the commit with; rejects when
   * it is not, and then nothing of it is stored. `withinMs` is how long it may wait for others to share the commit with;
   * what is delivered already waits a moment for the answers.
   */
  async write(change: Change, withinMs = change.news?.underWay ? ANSWER_MS : 0): Promise<Committed> {
    void change.news?.underWay?.then(() => this.#changes.hasten())
    const { written, committed } = await this.#changes.add(change, withinMs)
    if (!written.has(change)) throw new ApiError('lease_lost')
    return committed
  }

  /** As `write`, but waits a moment for another change to share the commit with. */
  async writeAlong(change: Change): Promise<void> {
    await this.write(change, PATIENCE_MS)
  }

  /** Writes what waits now, however long it might wait for others. */
  hasten(): void {
    this.#changes.hasten()
  }

  /** Resolves when nothing waits to be written. */
  idle(): Promise<void> {
    return this.#changes.idle()
  }

  /** Yields the changes that were written; the lease of all others is lost. */
  async #commitTogether(changes: Change[]): Promise<{ written: Set<Change>; committed: Committed }> {
    const current = ofNewestEpochs(changes)
    const startedAt = performance.now()
    const commit = isPostgres(this.#db) ? commitOnPostgres : commitOnSqlite
    const committed = await commit(this.#db, this.#secrets, current)
    this.#observer?.committed({
      rows: current.reduce((sum, change) => sum + sizeOf(change), 0),
      seconds: (performance.now() - startedAt) / 1000,
    })
    const written = current.filter(({ lease }) => !lease || committed.held.has(lease.userId))
    return { written: new Set(written), committed }
  }
}

/** The changes without those whose session has been taken over anew meanwhile, by this very node. */
function ofNewestEpochs(changes: Change[]): Change[] {
  const newest = new Map<string, number>()
  for (const { lease } of changes) {
    if (lease) newest.set(lease.userId, Math.max(newest.get(lease.userId) ?? 0, lease.epoch))
  }
  return changes.filter(({ lease }) => !lease || lease.epoch === newest.get(lease.userId))
}

function sizeOf({ values = [], inbox = [], sent = [], received = [], news, outcomes }: Change): number {
  const told = (news?.events.length ?? 0) + (outcomes?.accepted.length ?? 0)
  return values.length + inbox.length + sent.length + received.length + told
}
