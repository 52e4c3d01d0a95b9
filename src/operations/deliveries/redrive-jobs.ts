import { ApiError } from '../../lib/errors.ts'
import { PendingTasks } from '../../lib/flow/pending-tasks.ts'
import { newIdAt } from '../../lib/ids-of-nodes.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Database } from '../../store/database/database.ts'
import { countRedrive, type Redrive, redriveSteps } from '../../store/delivery/redrive.ts'

/** Deliveries that are being made again, from the beginning until it is forgotten. */
export interface RedriveJob {
  /** Names the node that has it, where there are several. */
  readonly id: string
  readonly which: Redrive
  state: 'running' | 'done' | 'cancelled' | 'failed'
  /** How many are on their way again. */
  done: number
  /** Of how many. */
  total: number
  /** Unix milliseconds. */
  readonly startedAt: number
  /** Absent while it works. */
  finishedAt?: number
}

interface Parts {
  db: Database
  log: Logger
  /** '' where there is only one. */
  nodeId: string
  destinationOf: (target: string, userId: string) => string
  /** Called whenever more deliveries are due. */
  onDue: () => void
}

interface Held {
  job: RedriveJob
  cancelled: AbortController
}

export function noSuchRedrive(): ApiError {
  return new ApiError('not_found', { text: 'there is no such redrive any more' })
}

/** Jobs that are over and still told of, at this node. */
const MOST_KEPT = 20
/** Each takes the one connection of SQLite for moments; what waits is begun by whoever asked for it. */
const MOST_RUNNING = 4

/**
 * The redrives that were begun at this node. They end with the process; what was given up and not yet made again still is
 * then, so that the same job begun anew goes on where this one has ended.
 */
export class RedriveJobs {
  readonly #parts: Parts
  readonly #held = new Map<string, Held>()
  readonly #tasks: PendingTasks

  constructor(parts: Parts) {
    this.#parts = parts
    this.#tasks = new PendingTasks((error) => parts.log.error({ err: error }, 'could not end a redrive'))
  }

  /** Begins to make deliveries again; `onBegun` is called once they are counted. Throws `conflict` when too many are at work. */
  async begin(which: Redrive, onBegun: () => Promise<void> = async () => {}): Promise<RedriveJob> {
    const running = () => [...this.#held.values()].filter(({ job }) => job.state === 'running').length
    if (running() >= MOST_RUNNING)
      throw new ApiError('conflict', { text: 'other redrives are at work here; wait for their end' })
    const { db, nodeId } = this.#parts
    const job: RedriveJob = {
      id: newIdAt(nodeId),
      which,
      state: 'running',
      done: 0,
      total: 0,
      startedAt: Date.now(),
    }
    const held = { job, cancelled: new AbortController() }
    this.#held.set(job.id, held)
    try {
      const { total, newest } = await countRedrive(db, which)
      job.total = total
      await onBegun()
      this.#tasks.add(this.#run(held, newest))
    } catch (error) {
      this.#held.delete(job.id)
      throw error
    }
    this.#forgetOld()
    return job
  }

  /** All of them, newest first. */
  list(): RedriveJob[] {
    return [...this.#held.values()].map(({ job }) => job).reverse()
  }

  /** Throws `not_found`. */
  find(id: string): RedriveJob {
    return this.#heldOf(id).job
  }

  /** Ends it after the step at hand; what is on its way again stays so. Throws `not_found`. */
  cancel(id: string): RedriveJob {
    const held = this.#heldOf(id)
    held.cancelled.abort()
    return held.job
  }

  /** Ends all of them; resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    for (const { cancelled } of this.#held.values()) cancelled.abort()
    await this.#tasks.settled()
  }

  async #run({ job, cancelled }: Held, newest: number): Promise<void> {
    const { db, destinationOf, onDue } = this.#parts
    try {
      for await (const step of redriveSteps(db, { ...job.which, newest }, destinationOf)) {
        job.done += step
        if (step > 0) onDue()
        if (cancelled.signal.aborted) break
      }
      job.state = cancelled.signal.aborted && job.done < job.total ? 'cancelled' : 'done'
    } catch (error) {
      job.state = 'failed'
      throw error
    } finally {
      job.finishedAt = Date.now()
    }
  }

  #heldOf(id: string): Held {
    const held = this.#held.get(id)
    if (!held) throw noSuchRedrive()
    return held
  }

  #forgetOld(): void {
    const over = [...this.#held.values()].filter(({ job }) => job.finishedAt !== undefined)
    for (const { job } of over.slice(0, Math.max(0, over.length - MOST_KEPT))) this.#held.delete(job.id)
  }
}
