import { forAll } from '../process/request-context.ts'
import { type WriteTogether, writeApart } from './write-apart.ts'

export interface BatcherOptions<Item, Result> extends WriteTogether<Item, Result> {
  /** The most that is written at once, counted by `sizeOf`: bounds the time of one write, and so everybody's wait. */
  maxSize: number
  /** What an item counts; 1 by default. An item that is larger than the most is written alone. */
  sizeOf?: (item: Item) => number
  /** Hears of what could not be written of that which was given to `put`. */
  onLost?: (items: Item[], error: unknown) => void
}

interface Waiting<Item, Result> {
  item: Item
  /** Absent when nobody waits. */
  caller?: { resolve: (result: Result) => void; reject: (error: unknown) => void }
}

/**
 * Writes what many have to write, one write at a time and in the order it came. What waits at that moment shares a
 * write, so that a busy server writes once for many and an idle one at once. One bad item fails nobody but itself.
 */
export class Batcher<Item, Result = void> {
  readonly #options: BatcherOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  #running: Promise<void> | undefined
  /** Ends the patience of what waits for others to share a write with. */
  #patience: NodeJS.Timeout | undefined
  /** Something waits that has no patience, or no longer. */
  #isDue = false

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  /**
   * Resolves once the item is written, with what its write yielded; rejects when it is not. `withinMs` is how long it may
   * wait for others to share the write with; by default for those of the same turn of the event loop.
   */
  add(item: Item, withinMs = 0): Promise<Result> {
    return new Promise((resolve, reject) => this.#take({ item, caller: { resolve, reject } }, withinMs))
  }

  /** The same for what nobody waits for. */
  put(item: Item, withinMs = 0): void {
    this.#take({ item }, withinMs)
  }

  /** Writes what waits now, however long it might wait for others. */
  hasten(): void {
    if (this.#waiting.length > 0) this.#start()
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running) {
      this.hasten()
      await this.#running
    }
  }

  #take(waiting: Waiting<Item, Result>, withinMs: number): void {
    this.#waiting.push(waiting)
    if (withinMs === 0) this.#start()
    else this.#patience ??= setTimeout(() => this.#start(), withinMs)
  }

  #start(): void {
    this.#isDue = true
    this.#running ??= forAll(() => this.#run())
  }

  async #run(): Promise<void> {
    // Everything that is ready in this turn of the event loop joins the first write.
    await new Promise(setImmediate)
    while (this.#isDue && this.#waiting.length > 0) {
      const batch = this.#nextBatch()
      if (this.#waiting.length === 0) this.#allTaken()
      await this.#write(batch)
    }
    this.#running = undefined
  }

  #allTaken(): void {
    this.#isDue = false
    clearTimeout(this.#patience)
    this.#patience = undefined
  }

  #nextBatch(): Waiting<Item, Result>[] {
    const { maxSize, sizeOf = () => 1 } = this.#options
    let size = 0
    let length = 0
    for (const { item } of this.#waiting) {
      size += sizeOf(item)
      if (length > 0 && size > maxSize) break
      length += 1
    }
    return this.#waiting.splice(0, length)
  }

  async #write(batch: Waiting<Item, Result>[]): Promise<void> {
    const { write, judge, onLost } = this.#options
    const together = { write: (some: typeof batch) => write(some.map(({ item }) => item)), judge }
    for await (const part of writeApart(batch, together)) {
      if ('result' in part) for (const { caller } of part.items) caller?.resolve(part.result)
      else {
        const unheard = part.items.filter(({ caller }) => !caller).map(({ item }) => item)
        if (unheard.length > 0) onLost?.(unheard, part.error)
        for (const { caller } of part.items) caller?.reject(part.error)
      }
    }
  }
}
