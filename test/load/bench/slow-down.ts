import { kill } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

/** Short enough that no answer waits long for its server, long enough for timers of a millisecond. */
const PERIOD_MS = 15

/**
 * Gives each of some processes this part of a core: they are stopped together for the rest of each period, in which all
 * cores are free for what is around them. With it a machine with two cores can tell how well two servers share the work.
 */
export function slowDown(pids: number[], share: number): { stop(): Promise<void> } {
  const ending = new AbortController()
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) kill(pid, name)
  }
  const paced = (async () => {
    for (
      let due = performance.now();
      !ending.signal.aborted;
      due = Math.max(due + PERIOD_MS, performance.now())
    ) {
      signal('SIGCONT')
      await delay(PERIOD_MS * share)
      signal('SIGSTOP')
      await delay(Math.max(1, due + PERIOD_MS - performance.now()))
    }
    signal('SIGCONT')
  })()
  return {
    stop() {
      ending.abort()
      return paced
    },
  }
}
