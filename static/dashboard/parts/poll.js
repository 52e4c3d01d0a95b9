import { advise } from '../../api.js'
import { repeat, sayIn } from '../../page.js'

/** Pause after a look that failed. */
const PAUSE_AFTER_FAILURE_MS = 3_000
/** A look may take a tenth of the server's time at most: many users make a long list. */
const SHARE = 9

/**
 * Looks again and again until stopped. A refused token ends in `onUnknownToken`, any other failure in the notice,
 * until a look succeeds.
 * @param {object} poll
 * @param {(signal: AbortSignal) => Promise<number>} poll.look resolves to the pause before the next look, in milliseconds
 * @returns {{now: () => void, stop: () => void}} `now` looks at once
 */
export function poll({ look, notice, onUnknownToken }) {
  let failed = false
  let stop = start()

  function start() {
    return repeat(async (signal) => {
      const startedAt = performance.now()
      try {
        const pauseMs = await look(signal)
        if (failed) sayIn(notice, '')
        failed = false
        return Math.max(pauseMs, SHARE * (performance.now() - startedAt))
      } catch (error) {
        if (signal.aborted) return 0
        if (error.status === 401) onUnknownToken()
        failed = true
        sayIn(notice, advise(error))
        return PAUSE_AFTER_FAILURE_MS
      }
    })
  }

  return {
    now() {
      stop()
      stop = start()
    },
    stop: () => stop(),
  }
}
