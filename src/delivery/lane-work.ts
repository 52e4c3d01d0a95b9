import type { Lane, PendingDelivery } from '../store/delivery/deliveries.ts'

/** The first deliveries that wait in a lane, and whether there are no others. */
export interface LaneHead {
  deliveries: PendingDelivery[]
  isAll: boolean
}

/** Deliveries that are kept in memory: a receiver that is slow must not fill it. Those beyond are read when they are next. */
const MOST_IN_MEMORY = 50

/** A lane that this outbox works on, and what it knows of its deliveries. */
export class LaneWork {
  readonly lane: Lane
  /** Resolves when nothing is done in the lane any more. */
  readonly done: Promise<void>
  /** There may be deliveries in the database that are not known here. */
  hasMore = false
  /** The lane is this outbox's in the database: what waits there may be read, and it has to be closed. */
  isOurs = false
  /** How many deliveries were made since the lane was taken. */
  made = 0
  readonly #queue: PendingDelivery[] = []
  /** What was read while deliveries were being recorded: some of these may be among them. */
  readonly #read = new Set<string>()
  /** Deliveries that are being recorded. */
  #expected = 0
  #isLoading = false
  #isOver = false
  #settled: Promise<unknown> = Promise.resolve()
  #wake = () => {}
  #end = () => {}

  /** `isLoading`: its deliveries are being read, and `loaded` follows. */
  constructor(lane: Lane, { isLoading }: { isLoading: boolean }) {
    this.lane = lane
    this.#isLoading = isLoading
    this.done = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Nothing is known that has to be delivered, or will have to. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#expected === 0 && !(this.hasMore && this.isOurs)
  }

  /** Deliveries are being recorded. */
  get isExpecting(): boolean {
    return this.#expected > 0
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Lets go of the lane, to be closed in the database, if there is nothing to do; tells whether. */
  letGo(): boolean {
    if (!this.isIdle) return false
    this.isOurs = false
    return true
  }

  /** A delivery of this lane is being recorded; `arrived` or `missed` follows. */
  expect(): void {
    this.#expected += 1
  }

  /** A delivery that was expected is recorded, behind all that were recorded before. */
  arrived(delivery: PendingDelivery): void {
    // What stands before it in the database comes first.
    if (this.hasMore || this.#isLoading || this.#queue.length >= MOST_IN_MEMORY) this.hasMore = true
    else if (!this.#read.has(delivery.id)) this.#queue.push(delivery)
    this.missed()
  }

  /** Adds a delivery that need not wait for others to be recorded; it is still expected. */
  push(delivery: PendingDelivery): void {
    this.#queue.push(delivery)
  }

  /** A delivery that was expected does not come, or has come before. */
  missed(): void {
    this.#expected -= 1
    this.#wake()
  }

  /** Remembers an outcome on its way to the database, whose failure whoever asks for `settled` hears of. */
  settle(outcome: Promise<unknown>): void {
    const all = Promise.all([this.#settled, outcome]).then(() => {})
    all.catch(() => {})
    this.#settled = all
  }

  /** Resolves when every outcome is written; rejects when one could not be. */
  get settled(): Promise<unknown> {
    return this.#settled
  }

  /** The next delivery, in order; undefined when none is known, or none comes any more. */
  async next(load: () => Promise<LaneHead>): Promise<PendingDelivery | undefined> {
    while (this.#queue.length === 0) {
      if (this.hasMore && this.isOurs) await this.#load(load)
      else if (this.#expected > 0) await this.#change()
      else return undefined
    }
    this.made += 1
    return this.#queue.shift()
  }

  /** Ends the work. */
  end(): void {
    this.#isOver = true
    this.#end()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** What was read of the lane. */
  loaded({ deliveries, isAll }: LaneHead): void {
    this.#isLoading = false
    this.#queue.push(...deliveries)
    if (this.#expected === 0) this.#read.clear()
    for (const { id } of deliveries) this.#read.add(id)
    if (!isAll) this.hasMore = true
  }

  async #load(load: () => Promise<LaneHead>): Promise<void> {
    // What is made and not yet written as made would be found once more.
    await this.settled
    this.hasMore = false
    this.#isLoading = true
    try {
      this.loaded(await load())
    } catch (error) {
      this.#isLoading = false
      this.hasMore = true
      throw error
    }
  }
}
