import type { Database } from '../store/database/database.ts'
import { findOwner } from '../store/nodes/leases.ts'
import type { Owner } from './ownership.ts'

/** How long a node remembers who has a session: shorter than a person notices; requests for one session come many at a time. */
export const KEEP_MS = 500

/** Who owns the sessions that are not here, asked at most twice a second for each. */
export class OwnerLookup {
  readonly #db: Database
  readonly #answers = new Map<string, { answer: Promise<Owner>; askedAt: number }>()

  constructor(db: Database) {
    this.#db = db
  }

  /** `node` is the id of this node: what it does not know to have, it does not have. */
  ask(userId: string, node: string): Promise<Owner> {
    const known = this.#answers.get(userId)
    if (known && performance.now() - known.askedAt < KEEP_MS) return known.answer
    return this.askAgain(userId, node)
  }

  askAgain(userId: string, node: string): Promise<Owner> {
    const asked = { answer: this.#find(userId, node), askedAt: performance.now() }
    this.#answers.set(userId, asked)
    // Neither a failure nor "nobody" is worth keeping: who waits for an owner asks again soon.
    void asked.answer.then(
      ({ kind }) => kind === 'nobody' && this.#drop(userId, asked),
      () => this.#drop(userId, asked),
    )
    return asked.answer
  }

  forget(userId: string): void {
    this.#answers.delete(userId)
  }

  /** Drops what is too old to be used. */
  prune(): void {
    const oldest = performance.now() - KEEP_MS
    for (const [userId, { askedAt }] of this.#answers) if (askedAt < oldest) this.#answers.delete(userId)
  }

  #drop(userId: string, asked: { answer: Promise<Owner> }): void {
    if (this.#answers.get(userId)?.answer === asked.answer) this.#answers.delete(userId)
  }

  async #find(userId: string, node: string): Promise<Owner> {
    const row = await findOwner(this.#db, userId)
    if (row?.owner && row.owner !== node && row.address !== null)
      return { kind: 'elsewhere', nodeId: row.owner, address: row.address }
    return { kind: 'nobody', isWanted: row?.wanted ?? false }
  }
}
