import { Batcher } from '../lib/flow/batcher.ts'
import type { Accepted } from '../store/commit/change.ts'
import type { GroupCommit } from '../store/commit/group-commit.ts'
import { type Database, isPostgres, judgeWrite } from '../store/database/database.ts'
import type { Attempt } from '../store/delivery/attempts.ts'
import { type Settlement, settle } from '../store/delivery/settlement.ts'

// Of deliveries; each is a few statements at most.
const MOST_AT_ONCE = 500
/** So long what was accepted waits for other writes to go with. A process that dies meanwhile delivers it again. */
const PATIENCE_MS = 20

/** A delivery that was accepted after it had been written as waiting. */
export interface AcceptedDelivery extends Accepted {
  id: string
  /** Attempts made before. */
  earlier: number
  /** Kept only where all attempts are. */
  attempt?: Attempt
}

/** A part of a settlement; which lanes are closed may be said when it is written. */
type Part = Partial<Settlement> & { closingThen?: () => string[] }

/** Writes what came of deliveries: a busy outbox writes once for many of them. */
export class OutcomeWriter {
  readonly #parts: Batcher<Part, Set<string>>
  readonly #commits: GroupCommit
  readonly #lease: string
  readonly #isShared: boolean

  constructor(db: Database, commits: GroupCommit, lease: string) {
    this.#commits = commits
    this.#lease = lease
    this.#isShared = isPostgres(db)
    this.#parts = new Batcher({
      write: (parts) => settle(db, together(parts), { lease, now: Date.now() }),
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
    })
  }

  /** Resolves once the part is committed, with the lanes that were closed; rejects when it is not. */
  add(part: Partial<Settlement>): Promise<Set<string>> {
    return this.#parts.add(part)
  }

  /** Writes that a delivery was accepted; resolves once that is committed. */
  async accept({ attempt, ...accepted }: AcceptedDelivery): Promise<void> {
    if (this.#isShared || attempt) {
      await this.#parts.add({ finished: [{ ...accepted, state: 'delivered', attempt }] }, PATIENCE_MS)
      return
    }
    const outcomes = { lease: this.#lease, accepted: [accepted], closing: () => [] }
    await this.#commits.write({ outcomes }, PATIENCE_MS)
  }

  /**
   * Ends the work on a lane, if `isIdle` at the moment of writing; tells whether it is ended. On PostgreSQL it is not while
   * there is more in the lane; on SQLite a lane with more becomes due.
   */
  async close(lane: string, isIdle: () => boolean): Promise<boolean> {
    let isWritten = false
    const closing = () => {
      isWritten = isIdle()
      return isWritten ? [lane] : []
    }
    if (this.#isShared) return (await this.#parts.add({ closingThen: closing }, PATIENCE_MS)).has(lane)
    await this.#commits.write({ outcomes: { lease: this.#lease, accepted: [], closing } }, PATIENCE_MS)
    return isWritten
  }
}

function together(parts: Part[]): Settlement {
  return {
    finished: parts.flatMap(({ finished = [] }) => finished),
    postponed: parts.flatMap(({ postponed = [] }) => postponed),
    closing: parts.flatMap(({ closing = [], closingThen }) => [...closing, ...(closingThen?.() ?? [])]),
    yielded: parts.flatMap(({ yielded = [] }) => yielded),
    aside: parts.flatMap(({ aside = [] }) => aside),
  }
}
