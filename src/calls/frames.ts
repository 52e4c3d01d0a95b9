/** Runs until it is stopped. */
export interface FrameClock {
  stop(): void
}

/** Length of a frame: 960 samples at 16 000 per second. */
const FRAME_MS = 60
/** Frames that are made at once after the process was held up; more are left out. */
const MAX_BEHIND = 5

/**
 * Calls `onFrame` every 60 ms, by absolute deadlines: what a timer is late by is not late the next time, so that after an
 * hour there are as many frames as an hour has. `onFrame` hears how many frames were left out before this one.
 */
export function startFrameClock(
  onFrame: (leftOut: number) => void,
  now: () => number = () => performance.now(),
): FrameClock {
  const startedAt = now()
  let due = 1
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    const reached = Math.floor((now() - startedAt) / FRAME_MS)
    const leftOut = Math.max(0, reached - due + 1 - MAX_BEHIND)
    due += leftOut
    for (let skipped = leftOut; due <= reached && timer !== undefined; due++, skipped = 0) onFrame(skipped)
    if (timer !== undefined) schedule()
  }

  function schedule(): void {
    timer = setTimeout(tick, Math.max(0, startedAt + due * FRAME_MS - now()))
  }

  schedule()
  return {
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
