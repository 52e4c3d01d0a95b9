import { performance } from 'node:perf_hooks'
import type { Logger } from '../lib/process/logger.ts'
import { type Look, QuietMoments } from '../lib/process/quiet-moments.ts'
import { releaseMemory } from '../lib/process/release-memory.ts'

const LOOK_MS = 5_000

/**
 * Releases memory in quiet moments of this process, the first of them after its start. For a program that has nothing else
 * to do: it lasts as long as the process, which it does not keep alive.
 */
export function releaseIdleMemory(log: Logger): void {
  const moments = new QuietMoments()
  let before = performance.eventLoopUtilization()
  const look = async () => {
    const now = performance.eventLoopUtilization()
    const busy = performance.eventLoopUtilization(now, before).utilization
    before = now
    const found: Look = { atMs: performance.now(), busy, rssBytes: process.memoryUsage.rss() }
    if (moments.isNow(found)) {
      await releaseMemory()
      const left = { atMs: performance.now(), rssBytes: process.memoryUsage.rss() }
      moments.released(left)
      log.debug(
        { fromBytes: found.rssBytes, toBytes: left.rssBytes, ms: Math.round(left.atMs - found.atMs) },
        'released memory',
      )
    }
    wait()
  }
  const wait = () =>
    setTimeout(
      () => void look().catch((error: unknown) => log.warn({ err: error }, 'memory cannot be released')),
      LOOK_MS,
    ).unref()
  wait()
}
