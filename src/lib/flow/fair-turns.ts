interface Place {
  enter: () => void
}

/**
 * One turn at a time on something that many want. Whoever has no name goes first, every second turn at least; all
 * others take turns by name, each in a line of its own: whoever asks a thousand times waits for itself.
 */
export class FairTurns {
  readonly #lines = new Map<string, Place[]>()
  readonly #unnamed: Place[] = []
  #isTaken = false
  #wasUnnamed = false

  /**
   * Resolves when it is the caller's turn; `pass` must be called when it is over. Rejects after `patienceMs` without one.
   */
  take(name: string | undefined, patienceMs: number): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      this.#wasUnnamed = name === undefined
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#leave(name, place)
        reject(new Error(`no turn within ${patienceMs} ms`))
      }, patienceMs)
      const place: Place = {
        enter: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      this.#lineOf(name).push(place)
    })
  }

  #leave(name: string | undefined, place: Place): void {
    const line = this.#lineOf(name)
    line.splice(line.indexOf(place), 1)
    if (name !== undefined && line.length === 0) this.#lines.delete(name)
  }

  /** Ends a turn, and begins the next one. */
  pass(): void {
    const isUnnamed = this.#unnamed.length > 0 && (!this.#wasUnnamed || this.#lines.size === 0)
    const next = isUnnamed ? this.#unnamed.shift() : this.#nextNamed()
    this.#wasUnnamed = isUnnamed
    if (next) next.enter()
    else this.#isTaken = false
  }

  #nextNamed(): Place | undefined {
    for (const [name, line] of this.#lines) {
      const next = line.shift()
      // To the end: the other names come first now.
      this.#lines.delete(name)
      if (line.length > 0) this.#lines.set(name, line)
      if (next) return next
    }
    return undefined
  }

  #lineOf(name: string | undefined): Place[] {
    if (name === undefined) return this.#unnamed
    const line = this.#lines.get(name) ?? []
    this.#lines.set(name, line)
    return line
  }
}
