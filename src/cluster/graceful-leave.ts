import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../store/database/database.ts'
import { listNodes } from '../store/nodes/nodes.ts'
import { countUnowned } from '../store/nodes/owned-sessions.ts'
import { KEEP_MS } from './owner-lookup.ts'

const POLL_MS = 50

/** A node that is about to stop. */
export interface GracefulLeave {
  db: Database
  nodeId: string
  /** What the ids of its peers on this machine begin with, which stop at the same time; absent for a node of its own. */
  workersPrefix?: string
  /** Hands every session over. */
  drain(): Promise<void>
  /** Sends the clients to the others; resolves when they have gone. */
  leaveClients(): Promise<void>
  /** How long the others are waited for. */
  patienceMs: number
}

/**
 * Gives the sessions of this node to others that go on, while it still takes requests and passes them on; resolves when
 * the others have them. Without such nodes nothing is done: then requests must end before their sessions do.
 */
export async function handOverAll(leaving: GracefulLeave): Promise<void> {
  const { db, nodeId, workersPrefix, drain, leaveClients, patienceMs } = leaving
  const deadline = performance.now() + patienceMs
  const goOn = async () =>
    (await listNodes(db)).some(
      ({ id, isAlive, isDraining }) =>
        isAlive && !isDraining && id !== nodeId && !(workersPrefix && id.startsWith(workersPrefix)),
    )
  if (!(await goOn())) return
  // The others remember for a moment who had a session, and a balancer is told a moment later that this node stops.
  await Promise.all([drain(), delay(KEEP_MS)])
  await leaveClients()
  while ((await countUnowned(db)) > 0 && (await goOn()) && performance.now() < deadline) await delay(POLL_MS)
}
