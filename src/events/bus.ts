import type { DialectReceivers } from '../delivery/receivers.ts'
import { destinationOf, newDelivery, type Target, targetsOf } from '../delivery/targets.ts'
import { derivedId, newId } from '../lib/ids.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database, Transaction } from '../store/database/database.ts'
import { insertDeliveries } from '../store/delivery/deliveries.ts'
import { pulledDestinations } from '../store/delivery/destinations.ts'
import { insertEvents } from '../store/delivery/events.ts'
import { getUser, type User } from '../store/users/users.ts'
import type { Event } from './event.ts'

export interface EventBusOptions {
  db: Database
  secrets: Secrets
  log: Logger
  /** The name under which users subscribe to an event; undefined when their dialect does not have it. */
  nameOf: (event: Event) => string | undefined
  /** Whether there is a global webhook that gets the events of all users. */
  hasGlobalWebhook: boolean
  /** Whether there is a message queue that gets the events of all users. */
  hasQueue?: boolean
  /** The receivers that dialects give their users. */
  dialects?: DialectReceivers
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

/** An event, the targets that want it, and whether it is stored: because of them, or to be asked for later. */
interface Entry extends RecordedEvent {
  targets: Target[]
  isStored: boolean
}

/** Where everything that happens enters: stored first, together with its deliveries, then told to whoever listens. */
export class EventBus {
  readonly #options: EventBusOptions
  readonly #listeners = new Set<EventListener>()
  readonly #deliveryListeners = new Set<() => void>()

  constructor(options: EventBusOptions) {
    this.#options = options
  }

  /**
   * Stores the events of a user that somebody is to be told of, with their deliveries, in one transaction, and those a
   * dialect keeps; all others only reach live listeners. A user that is gone has none.
   */
  async record(userId: string, events: Event[], options: RecordOptions = {}): Promise<void> {
    if (events.length === 0) return
    const { db, secrets, dialects } = this.#options
    const queryable = options.trx ?? db
    const user = await getUser(queryable, secrets, userId)
    if (!user) return
    const pulled = await pulledDestinations(queryable, user.id)
    const receivers = {
      webhook: user.webhook !== '' || pulled.has(destinationOf('user', user.id)),
      dialects: (await dialects?.activeFor(queryable, user, pulled)) ?? [],
    }
    const entries = this.#entries(user, { events, ids: options.ids, receivers })
    const isStored = entries.some((entry) => entry.isStored)
    if (!isStored || !options.trx) {
      const news = isStored ? await db.transaction((trx) => store(trx, user.id, entries)) : entries
      return this.#announce(userId, news)
    }
    const news = await store(options.trx, user.id, entries)
    // The caller learns of a rollback from its own transaction; here it only means that nothing happened.
    void options.trx.executionPromise.then(
      () => this.#announce(userId, news),
      () => {},
    )
  }

  /** Calls `listener` for everything recorded from now on; returns what ends the calls. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` whenever new deliveries are committed; returns what ends the calls. */
  listenForDeliveries(listener: () => void): () => void {
    this.#deliveryListeners.add(listener)
    return () => this.#deliveryListeners.delete(listener)
  }

  /** Tells the outbox that deliveries are due that were not recorded just now. */
  announceDeliveries(): void {
    for (const listener of this.#deliveryListeners) this.#tell(listener)
  }

  #entries(
    user: User,
    { events, ids, receivers }: { events: Event[]; ids?: string[]; receivers: OwnReceivers },
  ): Entry[] {
    const at = Date.now()
    const { hasGlobalWebhook, hasQueue = false } = this.#options
    const subscribed = user.events.split(',').map((name) => name.trim())
    return events.map((event, index) => {
      const id = ids?.[index]
      const wanting = receivers.dialects.filter(({ wants }) => wants(event)).map(({ name }) => name)
      const targets = targetsOf(
        event,
        {
          webhook: receivers.webhook,
          globalWebhook: hasGlobalWebhook,
          queue: hasQueue,
          dialects: wanting,
        },
        this.#isSubscribed(event, subscribed),
      )
      const isStored = targets.length > 0 || this.#options.dialects?.keeps(event) === true
      return { id: id === undefined ? newId() : derivedId(user.id, id), at, event, targets, isStored }
    })
  }

  /** wuzapi: names match exactly, `All` matches everything the dialect has, an empty list nothing. */
  #isSubscribed(event: Event, subscribed: string[]): boolean {
    const name = this.#options.nameOf(event)
    return name !== undefined && (subscribed.includes(name) || subscribed.includes('All'))
  }

  #announce(userId: string, news: Entry[]): void {
    if (news.length === 0) return
    const events = news.map(({ id, at, event }) => ({ id, at, event }))
    for (const listener of this.#listeners) this.#tell(() => listener(userId, events))
    if (news.some(({ targets }) => targets.length > 0)) this.announceDeliveries()
  }

  // The events are stored; a broken live stream must not look like a failure to store them.
  #tell(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#options.log.error({ err: error }, 'an event listener failed')
    }
  }
}

/** The receivers of one user. */
interface OwnReceivers {
  webhook: boolean
  dialects: { name: string; wants: (event: Event) => boolean }[]
}

/** Writes what is to be stored; yields the entries that were not stored before, and those that are not stored at all. */
async function store(trx: Transaction, userId: string, entries: Entry[]): Promise<Entry[]> {
  const wanted = entries.filter(({ isStored }) => isStored)
  const fresh = await insertEvents(
    trx,
    wanted.map(({ id, at, event }) => ({
      id,
      userId,
      type: event.type,
      chat: chatOf(event),
      at,
      payload: JSON.stringify(event),
    })),
  )
  const news = entries.filter(({ id, isStored }) => !isStored || fresh.delete(id))
  const deliveries = news.flatMap(({ id, event, targets }) =>
    targets.map((target) => newDelivery({ id, userId, chat: chatOf(event) }, target)),
  )
  if (deliveries.length > 0) await insertDeliveries(trx, deliveries, Date.now())
  return news
}

/** The chat an event belongs to, '' for none. */
function chatOf(event: Event): string {
  return 'chat' in event && typeof event.chat === 'string' ? event.chat : ''
}
