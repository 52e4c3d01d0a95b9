/** Work of one key is done one after the other, in the order it came; that of different keys side by side. */
export class TurnsByKey {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does `work` when everything of this key that came before has ended, however it did. */
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const turn = before ? before.then(work, work) : work()
    this.#last.set(key, turn)
    const end = () => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(end, end)
    return turn
  }
}
