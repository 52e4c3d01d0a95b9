import type { Database } from '../database/database.ts'
import { countDeliveries } from './deliveries.ts'

/** What waits in the database. */
export interface Backlog {
  /** Lanes with a delivery that is due. */
  lanesDue: number
  deliveries: number
  /** Deliveries that were given up. */
  deadDeliveries: number
  /** Received messages that are not yet events. */
  inboxRows: number
}

/** Counts what waits. Each count is read from an index that holds little else. */
export async function countWaiting(db: Database, now: number): Promise<Backlog> {
  const { pending, dead } = await countDeliveries(db)
  const [lanes] = await db('lanes').where('due_at', '<=', now).count({ total: '*' })
  const [rows] = await db('inbox').whereNull('dispatched_at').whereNull('failed_at').count({ total: '*' })
  return {
    lanesDue: Number(lanes?.total ?? 0),
    deliveries: pending,
    deadDeliveries: dead,
    inboxRows: Number(rows?.total ?? 0),
  }
}
