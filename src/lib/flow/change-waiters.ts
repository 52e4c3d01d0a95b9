import { setMaxListeners } from 'node:events'

/** Whoever waits for something to become true, and is told whenever it may have. */
export class ChangeWaiters {
  readonly #waiting = new Set<() => void>()
  /** Ends all waiting. */
  readonly #ending: AbortSignal

  constructor(ending: AbortSignal) {
    this.#ending = ending
    // Every request that waits listens to it.
    setMaxListeners(0, ending)
  }

  /** Must be called after each change that somebody may wait for. */
  changed = (): void => {
    for (const look of [...this.#waiting]) look()
  }

  /** Waits until `condition` holds or the time is over; tells which. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const signal = this.#ending
    if (condition()) return Promise.resolve(true)
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const settle = (holds: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#waiting.delete(look)
        resolve(holds)
      }
      const giveUp = () => settle(false)
      const look = () => {
        if (condition()) settle(true)
      }
      const timer = setTimeout(giveUp, timeoutMs)
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(look)
    })
  }
}
