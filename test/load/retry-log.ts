import { call } from './client.ts'

/** Who asked for another copy of a message, as the simulated network saw it. */
export interface RetryRequest {
  by: string
  byCompanion: boolean
  author: string
  id: string
  count: number
}

/** Requests for another copy by the phones that matter, gathered in time: the network keeps only the newest. */
export class RetryLog {
  readonly #url: string
  readonly #phones: Set<string>
  readonly #found = new Map<string, RetryRequest>()

  constructor(control: string, phones: string[]) {
    this.#url = `${control}/sandbox/retry-requests`
    this.#phones = new Set(phones)
  }

  async look(): Promise<void> {
    const { latest } = await call<{ latest: RetryRequest[] }>(this.#url)
    for (const request of latest) {
      const { by, author, id, count } = request
      if (this.#phones.has(/^\d+/.exec(by)?.[0] ?? ''))
        this.#found.set(`${by} ${author} ${id} ${count}`, request)
    }
  }

  get requests(): RetryRequest[] {
    return [...this.#found.values()]
  }
}
