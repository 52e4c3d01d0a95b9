import type { Logger } from '../lib/logger.ts'
import type { Database } from '../store/database.ts'
import { type SessionNews, writeStates } from '../store/leases.ts'

const GATHER_MS = 50

/** How the sessions of this node stand, for the other nodes: gathered for a moment, because many change together. */
export class NewsBoard {
  readonly #db: Database
  readonly #log: Logger
  #news = new Map<string, SessionNews>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(db: Database, log: Logger) {
    this.#db = db
    this.#log = log
  }

  tell(news: SessionNews): void {
    this.#news.set(news.lease.userId, news)
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const news = [...this.#news.values()]
    this.#news = new Map()
    if (news.length > 0) {
      this.#writing = this.#writing
        .then(() => writeStates(this.#db, news))
        // Only views on other nodes are wrong until the next change.
        .catch((error: unknown) => this.#log.warn({ err: error }, 'could not tell how sessions stand'))
    }
    return this.#writing
  }
}
