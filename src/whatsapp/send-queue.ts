import { ApiError } from '../lib/errors.ts'

/**
 * The sends of one account: written one after the other, as the library does them, while their acks may overlap.
 * The number in flight is limited; a burst would otherwise be held in memory until the socket catches up.
 */
export class SendQueue {
  #inFlight = 0
  #lastWrite: Promise<unknown> = Promise.resolve()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Runs `write` when its turn has come, then waits for what it returns without holding up the next write.
   * Throws `rate_limited` (429) when too many are in flight.
   */
  async run<T>(write: () => Promise<{ acknowledged: Promise<T> }>): Promise<T> {
    if (this.#inFlight >= this.#limit) {
      throw new ApiError('rate_limited', {
        text: `${this.#inFlight} messages of this session are waiting to be sent; try again in a moment`,
      })
    }
    this.#inFlight++
    try {
      const turn = this.#lastWrite.then(write, write)
      this.#lastWrite = turn.catch(() => {})
      return await (await turn).acknowledged
    } finally {
      this.#inFlight--
    }
  }
}
