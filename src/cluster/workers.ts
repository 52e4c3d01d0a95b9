import cluster, { type Worker } from 'node:cluster'
import { backoffMs } from '../lib/flow/backoff.ts'
import type { Logger } from '../lib/process/logger.ts'

/** The variable that tells a process which worker it is. */
export const WORKER_VARIABLE = 'PARLEY_WORKER'

/** What a worker tells the process that started it. */
export type WorkerNews = { kind: 'ready'; url: string } | { kind: 'quiet' }

/** What it is told: to stop taking requests, and, when its peers have answered theirs, to end. */
export type WorkerOrder = 'stop' | 'finish'

export interface WorkerOptions {
  count: number
  log: Logger
  /** Added to the environment of every worker. */
  env: Record<string, string>
}

/** The processes that do the work. */
export interface Workers {
  /** Where they answer. */
  url: string
  /** Stops them together; resolves when the last one has ended. */
  stop(): Promise<void>
}

/** A worker did not start; it has said why itself. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure'
}

/** A worker that has run this long was sound: if it dies then, the next one need not wait. */
const SOUND_MS = 60_000

/**
 * Starts workers, which share the ports they listen on, and replaces those that die. The first one starts alone: it
 * prepares the database and the generated secrets for the others, and says what is wrong once.
 */
export async function startWorkers({ count, log, env }: WorkerOptions): Promise<Workers> {
  const running = new Map<number, Worker>()
  const quiet = new Set<Worker>()
  let isStopping = false
  let hasStarted = false
  let everyoneGone = () => {}
  const gone = new Promise<void>((resolve) => {
    everyoneGone = resolve
  })

  function start(number: number, attempt = 1): Promise<string> {
    const startedAt = performance.now()
    const worker = cluster.fork({ ...env, [WORKER_VARIABLE]: String(number) })
    running.set(number, worker)
    return new Promise((resolve, reject) => {
      worker.on('message', (news: WorkerNews) => {
        if (news.kind === 'ready') resolve(news.url)
        else {
          quiet.add(worker)
          finishWhenQuiet()
        }
      })
      worker.once('exit', (code, signal) => {
        running.delete(number)
        reject(new WorkerFailure(`worker ${number} ended with ${signal ?? code}`))
        if (isStopping || !hasStarted) return finishWhenQuiet()
        const isSound = performance.now() - startedAt > SOUND_MS
        const pauseMs = backoffMs(isSound ? 1 : attempt)
        log.error({ worker: number, code, signal, pauseMs }, 'a worker died; another one takes its place')
        setTimeout(() => {
          // Whether it starts shows in what it says, or in its end.
          if (!isStopping) start(number, isSound ? 1 : attempt + 1).catch(() => {})
        }, pauseMs)
      })
    })
  }

  /** A worker that is gone is as quiet as can be. */
  function finishWhenQuiet(): void {
    const left = [...running.values()]
    if (left.length === 0) everyoneGone()
    else if (isStopping && left.every((worker) => quiet.has(worker))) order(left, 'finish')
  }

  async function stop(): Promise<void> {
    isStopping = true
    if (running.size === 0) return
    order(running.values(), 'stop')
    await gone
  }

  try {
    const url = await start(1)
    await Promise.all(Array.from({ length: count - 1 }, (_, index) => start(index + 2)))
    hasStarted = true
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function order(workers: Iterable<Worker>, what: WorkerOrder): void {
  // One that cannot be told is about to end.
  for (const worker of workers) if (worker.isConnected()) worker.send(what, () => {})
}
