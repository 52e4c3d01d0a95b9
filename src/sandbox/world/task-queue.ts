/** Runs tasks one after the other, in the order given; a task that fails does not stop the next. */
export class TaskQueue {
  #tail: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects as the task does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(task)
    this.#tail = result.catch(() => undefined)
    return result
  }

  /** Resolves when everything given so far has ended. */
  async idle(): Promise<void> {
    await this.#tail
  }
}
