/**
 * Puts the load on and receives the webhooks, in a process of its own that the servers under test do not share. It is
 * told by messages what to do, one job at a time, and ends with whoever has started it.
 */

import * as incoming from './incoming-jobs.ts'
import type { Bench } from './job.ts'
import { Receiver } from './receiver.ts'
import * as outgoing from './text-jobs.ts'

/** Everything this process can do, by name. */
const jobs = { ...outgoing, ...incoming }
export type Jobs = typeof jobs

export interface Order {
  name: keyof Jobs
  options: unknown
}

export type Report = { ready: string } | { result: unknown } | { failure: string }

const tell = (report: Report) => void process.send?.(report)

const bench: Bench = { receiver: await Receiver.start() }
process.once('disconnect', () => process.exit())
process.on('message', (message) => {
  // Nobody but the bench speaks to it.
  const { name, options } = message as Order
  const work = jobs[name] as (bench: Bench, options: unknown) => Promise<unknown>
  work(bench, options).then(
    (result) => tell({ result }),
    (error: unknown) => tell({ failure: String(error) }),
  )
})
tell({ ready: bench.receiver.url })
