import type { Logger } from '../../lib/process/logger.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'

/** Steps of a call that is over for everybody else say nothing any more. */
const KEPT_MS = 60_000
const MAX_UNSENT = 64

/**
 * Sends stanzas of calls in their order, and keeps them for a minute where there is no connection. A frame is handed over at
 * once: a session whose lease is lost writes nothing a moment later.
 */
export class UnsentStanzas {
  readonly #deps: { socket(): WASocket | undefined; log: Logger }
  #waiting: { stanza: BinaryNode; at: number }[] = []
  readonly #leaving = new Set<Promise<void>>()

  constructor(deps: { socket(): WASocket | undefined; log: Logger }) {
    this.#deps = deps
  }

  /** Never throws. */
  send(stanza: BinaryNode): void {
    const at = performance.now()
    const socket = this.#deps.socket()
    if (!socket) {
      this.#keep({ stanza, at })
      return
    }
    const leaving = runInRootContext(async () => socket.sendNode(stanza)).catch(() =>
      this.#keep({ stanza, at }),
    )
    this.#leaving.add(leaving)
    void leaving.then(() => this.#leaving.delete(leaving))
  }

  /** Sends what waited; called when there is a connection again. */
  flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const from = performance.now() - KEPT_MS
    for (const { stanza, at } of waiting) if (at >= from) this.send(stanza)
  }

  /** Resolves when everything that could be sent has left. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving)
  }

  #keep(unsent: { stanza: BinaryNode; at: number }): void {
    if (this.#waiting.length < MAX_UNSENT) this.#waiting.push(unsent)
    else this.#deps.log.warn('there are too many steps of calls to be sent')
  }
}
