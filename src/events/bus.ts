import { derivedId, newId } from '../lib/ids.ts'
import type { Logger } from '../lib/logger.ts'
import type { Database, Transaction } from '../store/database.ts'
import { insertDeliveries, type NewDelivery } from '../store/deliveries.ts'
import { insertEvents, type StoredEvent } from '../store/events.ts'
import { getSubscription } from '../store/users.ts'
import type { Event } from './event.ts'

export interface EventBusOptions {
  db: Database
  log: Logger
  /** The name under which users subscribe to an event; undefined when their dialect does not have it. */
  nameOf: (event: Event) => string | undefined
  /** Whether there is a global webhook that gets the events of all users. */
  hasGlobalWebhook: boolean
}

/** An event that is committed. */
export interface RecordedEvent {
  id: string
  at: number
  event: Event
}

/** Called after the commit with the new events of one user, in order. Must return quickly. */
export type EventListener = (userId: string, events: RecordedEvent[]) => void

export interface RecordOptions {
  /** Writes into this transaction of the caller; listeners hear of it once it is committed. Record once per transaction. */
  trx?: Transaction
  /** Stable ids, one per event and unique within the user: an event whose id is known already is ignored. */
  ids?: string[]
}

/** Where everything that happens enters: stored first, together with its deliveries, then told to whoever listens. */
export class EventBus {
  readonly #options: EventBusOptions
  readonly #listeners = new Set<EventListener>()

  constructor(options: EventBusOptions) {
    this.#options = options
  }

  /** Stores events of a user and what must be delivered of them, in one transaction. A user that is gone has none. */
  async record(userId: string, events: Event[], options: RecordOptions = {}): Promise<void> {
    if (events.length === 0) return
    if (!options.trx) {
      const recorded = await this.#options.db.transaction((trx) =>
        this.#store(trx, userId, events, options.ids),
      )
      return this.#announce(userId, recorded)
    }
    const recorded = await this.#store(options.trx, userId, events, options.ids)
    // The caller learns of a rollback from its own transaction; here it only means that nothing happened.
    void options.trx.executionPromise.then(
      () => this.#announce(userId, recorded),
      () => {},
    )
  }

  /** Calls `listener` for everything recorded from now on; returns what ends the calls. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #store(trx: Transaction, userId: string, events: Event[], ids?: string[]): Promise<RecordedEvent[]> {
    const subscription = await getSubscription(trx, userId)
    if (!subscription) return []

    const at = Date.now()
    const recorded = events.map((event, index) => {
      const id = ids?.[index]
      return { id: id === undefined ? newId() : derivedId(userId, id), at, event }
    })
    const fresh = await insertEvents(
      trx,
      recorded.map((one) => toStored(userId, one)),
    )
    const news = recorded.filter(({ id }) => fresh.delete(id))

    const targets = [
      ...(subscription.webhook ? ['user'] : []),
      ...(this.#options.hasGlobalWebhook ? ['global'] : []),
    ]
    const deliveries = news
      .filter(({ event }) => this.#isWanted(event, subscription.events))
      .flatMap((one) => targets.map((target) => delivery(userId, one, target)))
    if (deliveries.length > 0) await insertDeliveries(trx, deliveries, at)
    return news
  }

  /** wuzapi: names match exactly, `All` matches everything the dialect has, an empty list nothing. */
  #isWanted(event: Event, subscribed: string[]): boolean {
    const name = this.#options.nameOf(event)
    return name !== undefined && (subscribed.includes(name) || subscribed.includes('All'))
  }

  #announce(userId: string, recorded: RecordedEvent[]): void {
    if (recorded.length === 0) return
    for (const listener of this.#listeners) {
      try {
        listener(userId, recorded)
      } catch (error) {
        // The events are stored; a broken live stream must not look like a failure to store them.
        this.#options.log.error({ err: error, user: userId }, 'an event listener failed')
      }
    }
  }
}

function toStored(userId: string, { id, at, event }: RecordedEvent): StoredEvent {
  return { id, userId, type: event.type, chat: chatOf(event), at, payload: JSON.stringify(event) }
}

function delivery(userId: string, { id, event }: RecordedEvent, target: string): NewDelivery {
  const destination = target === 'global' ? 'global' : `${target}:${userId}`
  return {
    id: derivedId(id, target),
    eventId: id,
    userId,
    target,
    lane: `${target}:${userId}:${chatOf(event)}`,
    destination,
  }
}

/** Deliveries of one chat stay in order; events without a chat share a lane of their own. */
function chatOf(event: Event): string {
  return 'chat' in event && typeof event.chat === 'string' ? event.chat : ''
}
