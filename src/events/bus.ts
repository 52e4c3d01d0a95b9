import { TurnsByKey } from '../lib/flow/turns-by-key.ts'
import { derivedId, newId } from '../lib/ids.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database, Queryable, Transaction } from '../store/database/database.ts'
import { insertDeliveries } from '../store/delivery/deliveries.ts'
import { insertEvents } from '../store/delivery/events.ts'
import { newDelivery } from '../store/delivery/new-delivery.ts'
import { getUser, type User } from '../store/users/users.ts'
import type { Event } from './event.ts'

export interface EventBusOptions {
  db: Database
  secrets: Secrets
  log: Logger
  router: EventRouter
}

/** One way an event may go. */
export interface Route {
  /** What its deliveries are stored under: see `delivery/targets.ts`. */
  target: string
  destination: string
  wants(event: Event): boolean
  /** What an event that is wanted is told as, a delivery each and in this order; absent: it is told once. */
  partsOf?(event: Event): readonly string[]
}

/** Decides where the events of users go. */
export interface EventRouter {
  /** Whether an event is stored even when nobody is told of it. */
  keeps(event: Event): boolean
  /** All ways the events of a user may go now. */
  routesOf(db: Queryable, user: User): Promise<Route[]>
}

/** An event that is committed. */
export interface RecordedEvent {
  id: string
  at: number
  event: Event
}

/** Called after the commit with the new events of one user, in order. Must return quickly. */
export type EventListener = (userId: string, events: RecordedEvent[]) => void

/** Events of one user. */
export interface RecordedBatch {
  userId: string
  events: Event[]
  /** Stable ids, one per event and unique within the user: an event whose id is known already is ignored. */
  ids?: string[]
}

export interface RecordOptions {
  /** Writes into this transaction of the caller; listeners hear of it once it is committed. Record once per transaction. */
  trx?: Transaction
  /** Stable ids, one per event and unique within the user: an event whose id is known already is ignored. */
  ids?: string[]
  /** The only target that is told, whoever else wants it. */
  only?: string
}

/** An event, the ways it goes, and whether it is stored: because of them, or to be asked for later. */
interface Entry extends RecordedEvent {
  userId: string
  routes: Route[]
  isStored: boolean
}

/** Where everything that happens enters: stored first, together with its deliveries, then told to whoever listens. */
export class EventBus {
  readonly #options: EventBusOptions
  readonly #listeners = new Set<EventListener>()
  readonly #deliveryListeners = new Set<() => void>()
  /** Events of one user keep the order they came in. */
  readonly #turns = new TurnsByKey()

  constructor(options: EventBusOptions) {
    this.#options = options
  }

  /**
   * Stores the events of a user that somebody is to be told of, with their deliveries, in one transaction, and those a
   * dialect keeps; all others only reach live listeners. A user that is gone has none.
   */
  async record(userId: string, events: Event[], options: RecordOptions = {}): Promise<void> {
    if (events.length === 0) return
    const batch = { userId, events, ...options }
    if (options.trx) return this.#recordWithin(options.trx, batch)
    // What is looked up first may take one longer than the next: they must not change places.
    await this.#turns.run(userId, async () => {
      const entries = await this.#entries(this.#options.db, batch)
      const isStored = entries.some((entry) => entry.isStored)
      this.#announce(isStored ? await this.#options.db.transaction((trx) => store(trx, entries)) : entries)
    })
  }

  async #recordWithin(trx: Transaction, batch: RecordedBatch): Promise<void> {
    const entries = await this.#entries(trx, batch)
    if (entries.some(({ isStored }) => isStored)) await this.#storeWithin(trx, entries)
    else this.#announce(entries)
  }

  /** The same for the events of many users in a transaction of the caller: as many statements as for one. */
  async recordTogether(trx: Transaction, batches: RecordedBatch[]): Promise<void> {
    const entries: Entry[] = []
    for (const batch of batches) entries.push(...(await this.#entries(trx, batch)))
    await this.#storeWithin(trx, entries)
  }

  async #storeWithin(trx: Transaction, entries: Entry[]): Promise<void> {
    const news = await store(trx, entries)
    // The caller learns of a rollback from its own transaction; here it only means that nothing happened.
    void trx.executionPromise.then(
      () => this.#announce(news),
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

  async #entries(
    db: Queryable,
    { userId, events, ids, only }: RecordedBatch & Pick<RecordOptions, 'only'>,
  ): Promise<Entry[]> {
    const { secrets, router } = this.#options
    const user = await getUser(db, secrets, userId)
    if (!user) return []
    const routes = await router.routesOf(db, user)
    const at = Date.now()
    return events.map((event, index) => {
      const id = ids?.[index]
      const wanting = routes.filter(
        ({ target, wants }) => (only === undefined || target === only) && wants(event),
      )
      const isStored = wanting.length > 0 || router.keeps(event)
      const entryId = id === undefined ? newId() : derivedId(userId, id)
      return { id: entryId, userId, at, event, routes: wanting, isStored }
    })
  }

  #announce(news: Entry[]): void {
    const ofUsers = new Map<string, RecordedEvent[]>()
    for (const { userId, id, at, event } of news) {
      const known = ofUsers.get(userId)
      if (known) known.push({ id, at, event })
      else ofUsers.set(userId, [{ id, at, event }])
    }
    for (const [userId, events] of ofUsers)
      for (const listener of this.#listeners) this.#tell(() => listener(userId, events))
    if (news.some(({ routes }) => routes.length > 0)) this.announceDeliveries()
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

/** Writes what is to be stored; yields the entries that were not stored before, and those that are not stored at all. */
async function store(trx: Transaction, entries: Entry[]): Promise<Entry[]> {
  const wanted = entries.filter(({ isStored }) => isStored)
  const fresh = await insertEvents(
    trx,
    wanted.map(({ id, userId, at, event }) => ({
      id,
      userId,
      type: event.type,
      chat: chatOf(event),
      at,
      payload: JSON.stringify(event),
    })),
  )
  const news = entries.filter(({ id, isStored }) => !isStored || fresh.delete(id))
  const deliveries = news.flatMap(({ id, userId, event, routes }) =>
    routes.flatMap((route) =>
      (route.partsOf?.(event) ?? ['']).map((part) =>
        newDelivery({ id, userId, chat: chatOf(event) }, { ...route, part }),
      ),
    ),
  )
  if (deliveries.length > 0) await insertDeliveries(trx, deliveries, Date.now())
  return news
}

/** The chat an event belongs to, '' for none. */
function chatOf(event: Event): string {
  return 'chat' in event && typeof event.chat === 'string' ? event.chat : ''
}
