/** Work that nobody waits for, until everything must come to rest. */
export class PendingTasks {
  readonly #unfinished = new Set<Promise<void>>()
  readonly #failed: (error: unknown) => void

  /** `failed` hears of every failure. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** Keeps hold of work that has begun. */
  add(work: Promise<void>): void {
    const finished: Promise<void> = work
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#unfinished.delete(finished))
    this.#unfinished.add(finished)
  }

  /** The same for work that somebody else waits for too. */
  share(work: Promise<void>): Promise<void> {
    this.add(work)
    return work
  }

  /** True while something has not ended. */
  get busy(): boolean {
    return this.#unfinished.size > 0
  }

  /** Resolves when everything added so far has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#unfinished)
  }
}
