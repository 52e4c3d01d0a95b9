import type { Logger } from '../lib/process/logger.ts'
import type { Database } from '../store/database/database.ts'
import { type InheritedLane, releaseInherited } from '../store/delivery/deliveries.ts'

/** So long, in parts of a lease, nobody may have renewed what the next process of a node takes over. */
const AFTER = 0.4

interface Inheritance {
  db: Database
  log: Logger
  leaseMs: number
  /** Lanes are due now. */
  released(): void
}

/**
 * Takes over what a former process of this node had, once it has not renewed its leases for longer than it would: another
 * process may use the id of this node by mistake, and be at work. Returns what calls it off.
 */
export function inheritLanes(
  lanes: InheritedLane[],
  { db, log, leaseMs, released }: Inheritance,
): () => void {
  if (lanes.length === 0) return () => {}
  const timer = setTimeout(() => {
    releaseInherited(db, lanes, Date.now()).then(released, (error: unknown) =>
      // They come back when their leases run out.
      log.warn({ err: error }, 'lanes of the process before could not be taken over'),
    )
  }, leaseMs * AFTER).unref()
  return () => clearTimeout(timer)
}
