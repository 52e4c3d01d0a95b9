interface Line {
  enter: () => void
}

/**
 * One turn at a time on something that many want. Whoever has no name goes first, every second turn at least; all
 * others take turns by name, each in a line of its own: whoever asks a thousand times waits for itself.
 */
export class FairTurns {
  readonly #lines = new Map<string, Line[]>()
  readonly #unnamed: Line[] = []
  #isTaken = false
  #wasUnnamed = false

  /** Resolves when it is the caller's turn; `pass` must be called when it is over. */
  take(name: string | undefined): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      this.#wasUnnamed = name === undefined
      return Promise.resolve()
    }
    return new Promise((enter) => this.#lineOf(name).push({ enter }))
  }

  /** Ends a turn, and begins the next one. */
  pass(): void {
    const isUnnamed = this.#unnamed.length > 0 && (!this.#wasUnnamed || this.#lines.size === 0)
    const next = isUnnamed ? this.#unnamed.shift() : this.#nextNamed()
    this.#wasUnnamed = isUnnamed
    if (next) next.enter()
    else this.#isTaken = false
  }

  #nextNamed(): Line | undefined {
    for (const [name, line] of this.#lines) {
      const next = line.shift()
      // To the end: the other names come first now.
      this.#lines.delete(name)
      if (line.length > 0) this.#lines.set(name, line)
      if (next) return next
    }
    return undefined
  }

  #lineOf(name: string | undefined): Line[] {
    if (name === undefined) return this.#unnamed
    const line = this.#lines.get(name) ?? []
    this.#lines.set(name, line)
    return line
  }
}
