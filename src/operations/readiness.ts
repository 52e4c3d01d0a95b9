import { within } from '../lib/within.ts'
import type { Database } from '../store/database.ts'
import { demandReachable } from '../store/reachable.ts'

/** What decides whether a server should get requests. */
export interface Readiness {
  db: Database
  /** Whether the sessions of an earlier run are back in their places. */
  isRestored: () => boolean
  /** Whether the server is about to stop. */
  isDraining: () => boolean
}

/** Load balancers give up after a few seconds. */
const PATIENCE_MS = 3_000

/** Why no requests should be sent to this server now; undefined when they should. */
export async function reasonNotReady({ db, isRestored, isDraining }: Readiness): Promise<string | undefined> {
  if (isDraining()) return 'the server is about to stop'
  if (!isRestored()) return 'the sessions are not restored yet'
  try {
    await within(demandReachable(db), PATIENCE_MS)
    return undefined
  } catch {
    return 'the database does not answer'
  }
}
