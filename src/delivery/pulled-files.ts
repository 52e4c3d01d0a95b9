import { withTimeout } from '../lib/flow/with-timeout.ts'
import { type FetchDeps, type FileWish, fetchFile } from './preparation.ts'
import type { RenderedMedia } from './renderer.ts'

/** A file that is being fetched. */
interface Running {
  media: Promise<RenderedMedia | undefined>
  /** Calls that wait for it. */
  readers: number
}

/** Deliveries whose time was over while no call waited; the oldest are forgotten. */
const MAX_OVER = 10_000
/** Long enough for what is there. */
const BRIEF_MS = 250

/**
 * The files of deliveries that are pulled. A call waits for one only for a while, the fetching goes on, and later calls
 * join it. When it ends with no call there, the next one takes what there is by then: otherwise a file that needs longer
 * than a call waits would be fetched again and again, and its chat never go on.
 */
export class PulledFiles {
  readonly #deps: FetchDeps
  readonly #running = new Map<string, Running>()
  readonly #over = new Set<string>()

  constructor(deps: FetchDeps) {
    this.#deps = deps
  }

  /** The file of a delivery. Rejects when it is not there within `patienceMs`, and when it may be there later. */
  async fetch(deliveryId: string, wish: FileWish, patienceMs: number): Promise<RenderedMedia | undefined> {
    if (this.#over.delete(deliveryId)) return fetchFile(this.#deps, wish, AbortSignal.timeout(BRIEF_MS))
    const running = this.#running.get(deliveryId) ?? this.#begin(deliveryId, wish)
    running.readers++
    try {
      return await withTimeout(running.media, patienceMs)
    } finally {
      running.readers--
    }
  }

  #begin(deliveryId: string, wish: FileWish): Running {
    const running = { media: fetchFile(this.#deps, wish), readers: 0 }
    this.#running.set(deliveryId, running)
    const end = () => this.#running.delete(deliveryId)
    // A failure has been counted, and what fails again and again comes to an end without this.
    running.media.then(() => {
      end()
      if (running.readers === 0) this.#remember(deliveryId)
    }, end)
    return running
  }

  #remember(deliveryId: string): void {
    this.#over.add(deliveryId)
    const [oldest] = this.#over
    if (this.#over.size > MAX_OVER && oldest !== undefined) this.#over.delete(oldest)
  }
}
