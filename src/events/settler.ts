import type { Database } from '../store/database.ts'
import { type Settlement, settle } from '../store/deliveries.ts'

interface Waiting {
  part: Partial<Settlement>
  resolve: (closed: Set<string>) => void
  reject: (error: unknown) => void
}

/**
 * Writes what came of deliveries, one transaction at a time. What waits at that moment shares a transaction, so that
 * a busy outbox writes once for many deliveries and an idle one at once.
 */
export class Settler {
  readonly #db: Database
  readonly #lease: string
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(db: Database, lease: string) {
    this.#db = db
    this.#lease = lease
  }

  /** Resolves once the part is committed, with the lanes that were closed; rejects when it is not. */
  add(part: Partial<Settlement>): Promise<Set<string>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ part, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    // Answers that arrive in the same turn of the event loop join the first transaction.
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0))
    this.#running = undefined
  }

  async #write(batch: Waiting[]): Promise<void> {
    const settlement: Settlement = { finished: [], postponed: [], closing: [], yielded: [], reports: [] }
    for (const { part } of batch) {
      settlement.finished.push(...(part.finished ?? []))
      settlement.postponed.push(...(part.postponed ?? []))
      settlement.closing.push(...(part.closing ?? []))
      settlement.yielded.push(...(part.yielded ?? []))
      settlement.reports.push(...(part.reports ?? []))
    }
    try {
      const closed = await settle(this.#db, settlement, { lease: this.#lease, now: Date.now() })
      for (const { resolve } of batch) resolve(closed)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
