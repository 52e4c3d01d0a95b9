import cluster from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkerNews, WorkerOrder } from '../cluster/workers.ts'
import type { Config } from '../config/config.ts'
import { releaseIdleMemory } from './idle-memory.ts'
import { type Parley, startParley } from './parley.ts'

/** Runs this process as one of the workers of a machine: it begins and ends as the process that started it says. */
export async function runWorker(config: Config, worker: number): Promise<Parley> {
  // A terminal or a supervisor tells all processes at once; in which order they end is not theirs to decide.
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  // Without the process that started us Node would end us at once, in the middle of requests.
  cluster.worker?.once('disconnect', () => {
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
  })
  // They may come while it starts.
  const orders = listenForOrders()
  const parley = await startParley(config, { worker })
  tell({ kind: 'ready', url: parley.url })
  releaseIdleMemory(parley.services.log)

  void orders.stop.then(async () => {
    const tooLong = setTimeout(() => process.exit(1), config.shutdownGraceMs + 15_000).unref()
    const quiet = async () => {
      tell({ kind: 'quiet' })
      // Peers may still be answering with what we have.
      await Promise.race([orders.finish, delay(config.shutdownGraceMs, undefined, { ref: false })])
    }
    await parley.stop({ quiet })
    clearTimeout(tooLong)
    process.exit(0)
  })
  return parley
}

function listenForOrders(): Record<WorkerOrder, Promise<void>> {
  const given = (order: WorkerOrder) =>
    new Promise<void>((resolve) => {
      process.on('message', (message) => {
        if (message === order) resolve()
      })
      // Without the process that started us nobody would ever end us.
      process.once('disconnect', resolve)
    })
  return { stop: given('stop'), finish: given('finish') }
}

function tell(news: WorkerNews): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => {})
}
