import { setTimeout as delay } from 'node:timers/promises'

/** Settles as `work` does, or rejects after `ms`; the work goes on, as nobody can stop it. */
export async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  const waiting = new AbortController()
  const tooLate = delay(ms, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    // Its rejection has no other reader.
    tooLate.catch(() => {})
    waiting.abort()
  }
}
