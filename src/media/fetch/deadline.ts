/** How long a request may take, and why it was ended if it was. */
export interface Deadline {
  signal: AbortSignal
  /** Bytes were sent or received. */
  moved(bytes: number): void
  /** Something happened that counts, however few bytes it was. */
  progressed(): void
  /** Why `signal` aborted. */
  reason(): { reason: 'aborted' | 'timeout'; message: string }
  clear(): void
}

// Fewer are no progress: a host that sends a byte now and then stands still.
const PROGRESS_BYTES = 4_096

/** Limits the whole time, the time without progress, and follows `signal`. */
export function startDeadline(limits: {
  timeoutMs: number
  stallMs?: number
  signal?: AbortSignal
}): Deadline {
  const { timeoutMs, stallMs, signal: outer } = limits
  const controller = new AbortController()
  let hasStalled = false
  let bytes = 0
  const onAbort = () => controller.abort()
  const onStall = () => {
    hasStalled = true
    controller.abort()
  }
  const timer = setTimeout(onAbort, timeoutMs)
  const stall = stallMs === undefined ? undefined : setTimeout(onStall, stallMs)
  const progressed = () => {
    bytes = 0
    stall?.refresh()
  }
  if (outer?.aborted) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    progressed,
    moved(more) {
      bytes += more
      if (bytes >= PROGRESS_BYTES) progressed()
    },
    reason() {
      if (outer?.aborted) return { reason: 'aborted', message: 'the request was given up' }
      const message = hasStalled
        ? `no progress for ${stallMs} ms`
        : `no complete answer within ${timeoutMs} ms`
      return { reason: 'timeout', message }
    },
    clear() {
      clearTimeout(timer)
      clearTimeout(stall)
      outer?.removeEventListener('abort', onAbort)
    },
  }
}
