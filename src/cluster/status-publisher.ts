import { Batcher } from '../lib/flow/batcher.ts'
import type { Logger } from '../lib/process/logger.ts'
import { type Database, judgeWrite } from '../store/database/database.ts'
import { type SessionNews, writeStates } from '../store/nodes/leases.ts'

const GATHER_MS = 50
const MOST_AT_ONCE = 1_000

/** How the sessions of this node stand, for the other nodes: gathered for a moment, because many change together. */
export class StatusPublisher {
  readonly #news: Batcher<SessionNews>

  constructor(db: Database, log: Logger) {
    this.#news = new Batcher({
      write: (news) => writeStates(db, latest(news)),
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
      // Only views on other nodes are wrong until the next change.
      onLost: (_news, error) => log.warn({ err: error }, 'could not tell how sessions stand'),
    })
  }

  tell(news: SessionNews): void {
    this.#news.put(news, GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    return this.#news.idle()
  }
}

/** The newest of each session: one statement must not change a row twice. */
function latest(news: SessionNews[]): SessionNews[] {
  return [...new Map(news.map((one) => [one.lease.userId, one])).values()]
}
