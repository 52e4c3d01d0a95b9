import type { BinaryNode } from '../../whatsapp/library/engine.ts'

/** One stanza that crossed a companion's connection. */
export interface LoggedStanza {
  direction: 'from-client' | 'to-client'
  /** JID of the device; empty before login. */
  device: string
  stanza: BinaryNode
}

/** The most recent stanzas of all companions, for tests and for looking at what happens. */
export class StanzaLog {
  readonly #capacity: number
  readonly #entries: LoggedStanza[] = []
  readonly #waiting = new Set<(entry: LoggedStanza) => void>()
  #next = 0

  constructor(capacity = 5_000) {
    this.#capacity = capacity
  }

  add(entry: LoggedStanza): void {
    this.#entries[this.#next] = entry
    this.#next = (this.#next + 1) % this.#capacity
    for (const look of this.#waiting) look(entry)
  }

  /** Those kept, oldest first. */
  list(matches: (entry: LoggedStanza) => boolean = () => true): LoggedStanza[] {
    const ordered =
      this.#entries.length < this.#capacity
        ? this.#entries
        : [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)]
    return ordered.filter(matches)
  }

  /** The first kept or future stanza that matches; rejects after `timeoutMs`. */
  find(matches: (entry: LoggedStanza) => boolean, timeoutMs = 10_000): Promise<LoggedStanza> {
    const [known] = this.list(matches)
    return known ? Promise.resolve(known) : this.next(matches, timeoutMs)
  }

  /** The next stanza from now on that matches; rejects after `timeoutMs`. */
  next(matches: (entry: LoggedStanza) => boolean, timeoutMs = 10_000): Promise<LoggedStanza> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (entry: LoggedStanza) => {
        if (!matches(entry)) return
        finish()
        resolve(entry)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`no such stanza within ${timeoutMs} ms`))
      }, timeoutMs)
      this.#waiting.add(look)
    })
  }
}
