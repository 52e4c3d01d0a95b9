import { setTimeout as delay } from 'node:timers/promises'

/** The requests of one user that are being served here. */
interface Doorway {
  inside: number
  /** Resolves when the barrier opens; absent while it is open. */
  opening?: Promise<void>
  open?: () => void
  /** Tells whoever closed the barrier that the last request has left. */
  emptied?: () => void
}

/**
 * Lets the requests of a user pass, and holds them back while the session moves to another node: nobody begins what
 * the old owner could not finish, and nothing is cut off that has begun.
 */
export class RequestBarrier {
  readonly #doorways = new Map<string, Doorway>()

  /** Resolves, as soon as the barrier is open, with the function that must be called when the request is over. */
  async enter(userId: string): Promise<() => void> {
    for (;;) {
      const doorway = this.#doorways.get(userId)
      if (!doorway?.opening) return this.#step(userId)
      await doorway.opening
    }
  }

  /** Holds new requests back; resolves when those inside have left, or after `patienceMs`. */
  async close(userId: string, patienceMs: number): Promise<void> {
    const doorway = this.#doorway(userId)
    doorway.opening ??= new Promise((resolve) => {
      doorway.open = resolve
    })
    if (doorway.inside === 0) return
    const patience = new AbortController()
    const empty = new Promise<void>((resolve) => {
      doorway.emptied = resolve
    })
    const tooLong = delay(patienceMs, undefined, { signal: patience.signal, ref: false }).catch(() => {})
    await Promise.race([empty, tooLong])
    patience.abort()
  }

  /** Lets those through that wait. */
  open(userId: string): void {
    const doorway = this.#doorways.get(userId)
    if (!doorway) return
    doorway.open?.()
    doorway.opening = undefined
    doorway.open = undefined
    this.#forget(userId, doorway)
  }

  /** Requests of a user that are being served. */
  inside(userId: string): number {
    return this.#doorways.get(userId)?.inside ?? 0
  }

  #step(userId: string): () => void {
    const doorway = this.#doorway(userId)
    doorway.inside += 1
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      doorway.inside -= 1
      if (doorway.inside === 0) doorway.emptied?.()
      this.#forget(userId, doorway)
    }
  }

  #doorway(userId: string): Doorway {
    const known = this.#doorways.get(userId)
    if (known) return known
    const doorway: Doorway = { inside: 0 }
    this.#doorways.set(userId, doorway)
    return doorway
  }

  #forget(userId: string, { inside, opening }: Doorway): void {
    if (inside === 0 && !opening) this.#doorways.delete(userId)
  }
}
