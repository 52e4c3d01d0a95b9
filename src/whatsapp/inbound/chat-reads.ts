import type { ChatChanges } from '../../events/chat-changes.ts'
import { Batcher } from '../../lib/flow/batcher.ts'
import type { MessageNames, OfUser } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { type Database, judgeWrite, lockPresent } from '../../store/database/database.ts'
import { keepReadings, readingsOf } from '../../store/messages/chats.ts'

export interface ChatReadsDeps {
  db: Database
  changes: Pick<ChatChanges, 'tell'>
  log: Logger
}

const GATHER_MS = 100
const MOST_AT_ONCE = 500

/**
 * Notes which messages of others an account has read, on this device or another one; written in batches in the background,
 * for a mark that is lost costs one look at a chat.
 */
export class ChatReads {
  readonly #read: Batcher<OfUser<MessageNames>>

  constructor({ db, changes, log }: ChatReadsDeps) {
    this.#read = new Batcher({
      judge: judgeWrite,
      maxSize: MOST_AT_ONCE,
      onLost: (_, error) => log.warn({ err: error }, 'could not note which messages were read'),
      async write(read) {
        const readings = await db.transaction(async (trx) => {
          // What was deleted with its user meanwhile is passed over.
          const users = await lockPresent(trx, { table: 'users', column: 'id' }, [
            ...new Set(read.map(({ userId }) => userId)),
          ])
          const found = await readingsOf(
            trx,
            read.filter(({ userId }) => users.has(userId)),
          )
          await keepReadings(trx, found)
          return found
        })
        for (const { userId, chat } of readings) changes.tell(userId, [{ kind: 'chat', chat }])
      },
    })
  }

  /** Notes that messages were read, of a chat under any of its JIDs. */
  note(userId: string, { chats, ids }: { chats: string[]; ids: string[] }): void {
    for (const id of ids) this.#read.put({ userId, chats, id }, GATHER_MS)
  }

  /** Writes what is gathered; resolves when it is stored. */
  flush(): Promise<void> {
    return this.#read.idle()
  }
}
