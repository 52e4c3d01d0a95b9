/**
 * Gathers what is to be written about users, and writes one after the other: what is learnt meanwhile waits for the next
 * round, because the first synchronisation of an account tells of thousands of things one by one.
 */
export class GatheredWrites<Pending> {
  readonly #pending = new Map<string, Pending>()
  readonly #nothing: () => Pending
  readonly #write: (userId: string, pending: Pending) => Promise<void>
  #writing: Promise<void> | undefined

  /** `nothing` is what is to be written when nothing was learnt yet; `write` must not reject. */
  constructor(nothing: () => Pending, write: (userId: string, pending: Pending) => Promise<void>) {
    this.#nothing = nothing
    this.#write = write
  }

  /** Adds to what is to be written about a user. */
  add(userId: string, note: (pending: Pending) => void): void {
    const pending = this.#pending.get(userId) ?? this.#nothing()
    note(pending)
    this.replace(userId, pending)
  }

  /** Writes this about a user instead of what was learnt before. */
  replace(userId: string, pending: Pending): void {
    this.#pending.set(userId, pending)
    this.#start()
  }

  /** Resolves when everything learnt so far is written. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  #start(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      if (this.#pending.size > 0) this.#start()
    })
  }

  async #writeAll(): Promise<void> {
    for (const [userId, pending] of this.#pending) {
      this.#pending.delete(userId)
      await this.#write(userId, pending)
    }
  }
}
