import { Batcher } from '../lib/flow/batcher.ts'
import { type Database, judgeWrite } from '../store/database/database.ts'
import { type Settlement, settle } from '../store/delivery/settlement.ts'

// Of deliveries; each is a few statements at most.
const MOST_AT_ONCE = 500

/** Writes what came of deliveries: a busy outbox writes once for many of them. */
export class OutcomeWriter {
  readonly #parts: Batcher<Partial<Settlement>, Set<string>>

  constructor(db: Database, lease: string) {
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
}

function together(parts: Partial<Settlement>[]): Settlement {
  return {
    finished: parts.flatMap(({ finished = [] }) => finished),
    postponed: parts.flatMap(({ postponed = [] }) => postponed),
    closing: parts.flatMap(({ closing = [] }) => closing),
    yielded: parts.flatMap(({ yielded = [] }) => yielded),
    aside: parts.flatMap(({ aside = [] }) => aside),
  }
}
