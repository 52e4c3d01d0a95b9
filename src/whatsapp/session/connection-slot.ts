import type { Limiter } from '../../lib/flow/limiter.ts'

/** The place that a session has among those that are connecting at the same time. */
export class ConnectionSlot {
  readonly #slots: Limiter
  readonly #signal: AbortSignal
  #release: (() => void) | undefined

  /** `signal` gives up the place in the line. */
  constructor(slots: Limiter, signal: AbortSignal) {
    this.#slots = slots
    this.#signal = signal
  }

  /** Waits in the line; what is granted is given back at once unless `use` says that it is still of use. */
  request(use: () => boolean): void {
    void this.#slots.acquire(this.#signal).then(
      (release) => {
        this.#release = release
        if (!use()) this.free()
      },
      // Only a stopped session gives up its place in the line.
      () => {},
    )
  }

  free(): void {
    this.#release?.()
    this.#release = undefined
  }
}
