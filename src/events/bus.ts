import { TurnsByKey } from '../lib/flow/turns-by-key.ts'
import { derivedId, newId } from '../lib/ids.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import { type Committed, type News, NOTHING_COMMITTED } from '../store/commit/change.ts'
import type { GroupCommit } from '../store/commit/group-commit.ts'
import type { Database, Queryable, Transaction } from '../store/database/database.ts'
import { insertDeliveries, type NewDelivery } from '../store/delivery/deliveries.ts'
import { insertEvents, type StoredEvent } from '../store/delivery/events.ts'
import { newDelivery } from '../store/delivery/new-delivery.ts'
import { getUser, type User } from '../store/users/users.ts'
import type { Event } from './event.ts'

export interface EventBusOptions {
  db: Database
  commits: GroupCommit
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

/** Called when deliveries are committed that were not handed over, with their lanes where they are known. */
type DeliveryListener = (lanes?: ReadonlySet<string>) => void

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

/** A delivery that is about to be recorded, with its event. */
export interface Handed {
  delivery: NewDelivery
  /** The event as JSON text. */
  payload: string
  /** When the event happened, unix milliseconds. */
  at: number
  /** The event's id follows from what happened: it may be stored already. */
  isDerived: boolean
}

/** Deliveries that are being recorded, some of which an outbox works on as soon as they are. */
export interface HandOver extends Omit<News, 'events'> {
  /** Must be called when they are committed. */
  committed(committed: Committed): void
  /** Must be called when they are not, with the reason. */
  failed(error: unknown): void
}

/** Takes deliveries that are about to be recorded. */
export type TakeOver = (handed: Handed[]) => Promise<HandOver>

/** An event, the ways it goes, and whether it is stored: because of them, or to be asked for later. */
interface Entry extends RecordedEvent {
  userId: string
  routes: Route[]
  isStored: boolean
  /** The event as JSON text, '' where it is not stored. */
  payload: string
  /** Its id follows from what happened. */
  isDerived: boolean
}

/** Where everything that happens enters: stored first, together with its deliveries, then told to whoever listens. */
export class EventBus {
  readonly #options: EventBusOptions
  readonly #listeners = new Set<EventListener>()
  readonly #deliveryListeners = new Set<DeliveryListener>()
  #take: (stored: Entry[]) => Promise<HandOver> = leaveToOthers
  /** Events of one user keep the order they came in: on their way to the commit, and from there. */
  readonly #turns = new TurnsByKey()
  readonly #endings = new TurnsByKey()
  /** Events with ids that may come again, while they are being stored. */
  readonly #inFlight = new Map<string, Promise<void>>()
  /** The newest commit of a user, while it is being written, of which receivers are told meanwhile. */
  readonly #told = new Map<string, Promise<void>>()

  constructor(options: EventBusOptions) {
    this.#options = options
  }

  /**
   * Stores the events of a user that somebody is to be told of, with their deliveries, in one commit, and those a
   * dialect keeps; all others only reach live listeners. A user that is gone has none.
   */
  async record(userId: string, events: Event[], options: RecordOptions = {}): Promise<void> {
    if (events.length === 0) return
    const batch = { userId, events, ...options }
    if (options.trx) return this.#recordWithin(options.trx, batch)
    await this.recordWith(batch, async (news) =>
      news ? this.#options.commits.write({ news }) : NOTHING_COMMITTED,
    )
  }

  /** The same in a commit of the caller, who writes the news, if there are any, with what else belongs to them. */
  async recordWith(
    batch: RecordedBatch & Pick<RecordOptions, 'only'>,
    commit: (news: News | undefined) => Promise<Committed>,
  ): Promise<void> {
    const { userId } = batch
    // What is looked up first may take one longer than the next: they must not change places, neither on their way to the
    // commit nor on that to the listeners. Several may be on their way at once.
    const begun = this.#turns.run(userId, async () => {
      const entries = await this.#entries(this.#options.db, batch)
      const stored = entries.filter(({ isStored }) => isStored)
      // Whether the same thing is stored already can be seen once it is.
      for (const { id } of stored) await this.#inFlight.get(id)
      const handOver = stored.length > 0 ? await this.#take(stored) : undefined
      const committing = commit(handOver && { events: stored.map(toStored), ...handOver })
      // Whoever comes next must not wait for it, and hears of no failure that is not theirs.
      const over = committing.then(
        () => {},
        (error: unknown) => handOver?.failed(error),
      )
      for (const { id, isDerived } of stored) if (isDerived) note(this.#inFlight, id, over)
      if (handOver?.underWay) note(this.#told, userId, over)
      return { entries, handOver, committing }
    })
    await this.#endings.run(userId, async () => {
      const { entries, handOver, committing } = await begun
      const committed = await committing
      handOver?.committed(committed)
      this.#announce(entries.filter(({ id, isStored }) => !isStored || !committed.known.has(id)))
    })
  }

  /**
   * Resolves when everything is committed that receivers of this user may have been told of, for a receiver may ask for it
   * before it answers. Commits of one node: another one may see it a few milliseconds later.
   */
  async settled(userId: string): Promise<void> {
    const committing = this.#told.get(userId)
    if (!committing) return
    this.#options.commits.hasten()
    await committing
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
    const { news, lanes } = await store(trx, entries)
    // The caller learns of a rollback from its own transaction; here it only means that nothing happened.
    void trx.executionPromise.then(
      () => {
        this.#announce(news)
        if (lanes.size > 0) this.announceDeliveries(lanes)
      },
      () => {},
    )
  }

  /** Calls `listener` for everything recorded from now on; returns what ends the calls. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` whenever new deliveries are committed; returns what ends the calls. */
  listenForDeliveries(listener: DeliveryListener): () => void {
    this.#deliveryListeners.add(listener)
    return () => this.#deliveryListeners.delete(listener)
  }

  /** Lets an outbox take deliveries that are about to be recorded; returns what ends that. */
  handOverTo(take: TakeOver): () => void {
    this.#take = async (stored) => take(stored.flatMap(deliveriesOf))
    return () => {
      this.#take = leaveToOthers
    }
  }

  /** Tells the outbox that deliveries are due that were not handed over: in these lanes, or in any. */
  announceDeliveries(lanes?: ReadonlySet<string>): void {
    for (const listener of this.#deliveryListeners) this.#tell(() => listener(lanes))
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
      return {
        id: id === undefined ? newId() : derivedId(userId, id),
        userId,
        at,
        event,
        routes: wanting,
        isStored,
        payload: isStored ? JSON.stringify(event) : '',
        isDerived: id !== undefined,
      }
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

/** Keeps a promise until it is settled, or another one takes its place. */
function note(promises: Map<string, Promise<void>>, key: string, promise: Promise<void>): void {
  promises.set(key, promise)
  void promise.then(() => {
    if (promises.get(key) === promise) promises.delete(key)
  })
}

/** Deliveries that nobody works on here are found in the database. */
async function leaveToOthers(stored: Entry[]): Promise<HandOver> {
  const createdAt = Date.now()
  const deliveries = stored.flatMap(deliveriesOf).map(({ delivery }) => ({ ...delivery, createdAt }))
  return { deliveries: () => deliveries, committed: () => {}, failed: () => {} }
}

/**
 * Writes what is to be stored; yields the entries that were not stored before, and those that are not stored at all, with
 * the lanes that have something new.
 */
async function store(trx: Transaction, entries: Entry[]): Promise<{ news: Entry[]; lanes: Set<string> }> {
  const fresh = await insertEvents(trx, entries.filter(({ isStored }) => isStored).map(toStored))
  const news = entries.filter(({ id, isStored }) => !isStored || fresh.delete(id))
  const deliveries = news.flatMap(deliveriesOf).map(({ delivery }) => delivery)
  if (deliveries.length > 0) await insertDeliveries(trx, deliveries, Date.now())
  return { news, lanes: new Set(deliveries.map(({ lane }) => lane)) }
}

function deliveriesOf({ id, userId, at, event, routes, payload, isDerived }: Entry): Handed[] {
  const chat = chatOf(event)
  return routes.flatMap((route) =>
    (route.partsOf?.(event) ?? ['']).map((part) => ({
      delivery: newDelivery({ id, userId, chat }, { ...route, part }),
      payload,
      at,
      isDerived,
    })),
  )
}

function toStored({ id, userId, at, event, payload, isDerived }: Entry): StoredEvent {
  return { id, userId, type: event.type, chat: chatOf(event), at, payload, isDerived }
}

/** The chat an event belongs to, '' for none. */
function chatOf(event: Event): string {
  return 'chat' in event && typeof event.chat === 'string' ? event.chat : ''
}
