import { setTimeout as delay } from 'node:timers/promises'

/** Lets at most `places` holders work at the same time; others wait in line. */
export interface Limiter {
  /** Resolves with the function that gives the place back. Rejects when `signal` aborts while waiting. */
  acquire(signal?: AbortSignal): Promise<() => void>
  readonly waiting: number
}

/** Makes a limiter with a fixed number of places, first come, first served. */
export function createLimiter(places: number): Limiter {
  let free = places
  const line: (() => void)[] = []

  const release = () => {
    const first = line.shift()
    if (first) first()
    else free++
  }
  const once = () => {
    let released = false
    return () => {
      if (released) return
      released = true
      release()
    }
  }

  return {
    get waiting() {
      return line.length
    },
    acquire(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (free > 0) {
        free--
        return Promise.resolve(once())
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal?.removeEventListener('abort', leave)
          resolve(once())
        }
        const leave = () => {
          line.splice(line.indexOf(enter), 1)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        line.push(enter)
      })
    },
  }
}

/** The same places, taken up to `maxMs` later than they come free: a crowd that waited does not go on in step. */
export function staggered(limiter: Limiter, maxMs: number): Limiter {
  return {
    get waiting() {
      return limiter.waiting
    },
    async acquire(signal) {
      const release = await limiter.acquire(signal)
      try {
        await delay(Math.random() * maxMs, undefined, { signal })
        return release
      } catch (error) {
        release()
        throw error
      }
    },
  }
}
