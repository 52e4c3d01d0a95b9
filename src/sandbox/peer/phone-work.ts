import { z } from 'zod'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { savedNode } from '../saved/shapes.ts'
import type { Device } from '../world/account.ts'
import { TaskQueue } from '../world/task-queue.ts'

/** What a phone had not done yet: stanzas it had not dealt with, oldest first, and ids of companions without their keys. */
export const savedWork = z.object({
  waiting: z.array(savedNode).default([]),
  newcomers: z.array(z.int().positive()).default([]),
})

/** The work of a phone, one step at a time as ratchets demand, and what of it would be lost with the process. */
export class PhoneWork {
  readonly #queue = new TaskQueue()
  readonly #stanzas = new Set<BinaryNode>()
  readonly #newcomers = new Set<Device>()

  /** Resolves or rejects as the task does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#queue.run(task)
  }

  /** Deals with a stanza. */
  take(stanza: BinaryNode, task: () => Promise<void>): Promise<void> {
    return this.#keep(this.#stanzas, stanza, task)
  }

  /** Does what a new companion waits for. */
  welcome(companion: Device, task: () => Promise<void>): Promise<void> {
    return this.#keep(this.#newcomers, companion, task)
  }

  /** Resolves between two tasks; the next begins when the result is called. */
  pause(): Promise<() => void> {
    return new Promise((resolve) => {
      void this.#queue.run(() => new Promise<void>((goOn) => resolve(goOn)))
    })
  }

  /** Resolves when everything given so far has been done. */
  idle(): Promise<void> {
    return this.#queue.idle()
  }

  toJson(): z.input<typeof savedWork> {
    return { waiting: [...this.#stanzas], newcomers: [...this.#newcomers].map(({ id }) => id) }
  }

  /** Remembers what a task is about until it has ended. */
  #keep<About>(kept: Set<About>, about: About, task: () => Promise<void>): Promise<void> {
    kept.add(about)
    return this.#queue.run(() => task().finally(() => kept.delete(about)))
  }
}
