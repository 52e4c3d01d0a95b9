const WAIT_MS = 15_000

/** Whoever waits for something that a connection has yet to bring. */
export class Waiting {
  readonly #attempts = new Set<() => void>()

  /** Resolves with what `look` finds, now or after a later arrival; rejects after fifteen seconds. */
  until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const found = look()
        if (found === undefined) return
        clearTimeout(timer)
        this.#attempts.delete(attempt)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.#attempts.delete(attempt)
        reject(new Error(`no ${what} within ${WAIT_MS} ms`))
      }, WAIT_MS)
      this.#attempts.add(attempt)
      attempt()
    })
  }

  /** Something has arrived. */
  look(): void {
    for (const attempt of this.#attempts) attempt()
  }
}
