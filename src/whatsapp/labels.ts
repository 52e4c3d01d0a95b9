import type { RecordedEvent } from '../events/bus.ts'
import type { Logger } from '../lib/logger.ts'
import type { Database } from '../store/database.ts'
import { applyLabelChanges, forgetLabels, type LabelChanges } from '../store/labels.ts'
import type { WASocket } from './engine.ts'
import { GatheredWrites } from './gathered-writes.ts'
import { outside } from './repairs.ts'

/** What is to be written about one user's labels. */
interface Pending {
  /** Whatever was known before belongs to another account. */
  forget: boolean
  labels: LabelChanges['labels']
  /** By chat and label: the last change of each counts. */
  chats: Map<string, LabelChanges['chats'][number]>
}

/** Keeps the labels of accounts as their devices share them; WhatsApp has no query for them. */
export class Labels {
  readonly #db: Database
  readonly #log: Logger
  readonly #writes = new GatheredWrites<Pending>(nothing, (userId, pending) =>
    outside(() => this.#write(userId, pending)),
  )

  constructor(db: Database, log: Logger) {
    this.#db = db
    this.#log = log
  }

  /** Learns that a session has a new link, which means a new account with labels of its own. */
  hear(userId: string, recorded: RecordedEvent[]): void {
    if (recorded.some(({ event }) => event.type === 'session.paired' || event.type === 'session.logout')) {
      this.#writes.replace(userId, { ...nothing(), forget: true })
    }
  }

  /** Learns from what the library reads in the shared settings, and from what is changed here. */
  watch(userId: string, socket: WASocket): void {
    socket.ev.on('labels.edit', ({ id, name, color, deleted }) =>
      this.#writes.add(userId, ({ labels }) => labels.set(id, deleted ? undefined : { id, name, color })),
    )
    socket.ev.on('labels.association', ({ type, association }) => {
      if (association.type !== 'label_jid') return
      const { chatId: chat, labelId } = association
      this.#writes.add(userId, ({ chats }) =>
        chats.set(`${chat}/${labelId}`, { chat, labelId, labeled: type === 'add' }),
      )
    })
  }

  /** Resolves when everything learnt so far is stored. */
  settled(): Promise<void> {
    return this.#writes.settled()
  }

  async #write(userId: string, { forget, labels, chats }: Pending): Promise<void> {
    try {
      if (forget) await forgetLabels(this.#db, userId)
      await applyLabelChanges(this.#db, userId, { labels, chats: [...chats.values()] })
    } catch (error) {
      this.#log.warn({ err: error, session: userId }, 'could not keep the labels of an account')
    }
  }
}

function nothing(): Pending {
  return { forget: false, labels: new Map(), chats: new Map() }
}
