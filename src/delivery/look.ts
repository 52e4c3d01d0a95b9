import type { Database } from '../store/database/database.ts'
import { dueLanes, type Lane } from '../store/delivery/deliveries.ts'

interface Look {
  now: number
  /** Lanes that can be taken. */
  room: number
  /** Destinations that are full. */
  except: string[]
  /** The only destination that is served; all of them where it is left out. */
  only?: string
  /** Users of whom more lanes wait for files than there is room for. */
  crowd: string[]
}

/**
 * Looks for lanes that are due, somewhat more than can be taken, and tells whether these are all. Those of users that
 * crowd get a part of the room and are left out otherwise: thousands of lanes that wait for files must not hide the
 * lanes of others, which come behind them, nor what else these users have to be told.
 */
export async function lookForLanes(
  db: Database,
  { now, room, except, only, crowd }: Look,
): Promise<{ due: Lane[]; isAll: boolean }> {
  const limit = room * 4
  if (crowd.length === 0) {
    const due = await dueLanes(db, { now, limit, except, only })
    return { due, isAll: due.length < limit }
  }
  const part = Math.ceil(room / 4)
  const crowding = await dueLanes(db, { now, limit: part, except, only, users: crowd })
  const others = await dueLanes(db, { now, limit, except, only, exceptUsers: crowd })
  return { due: [...crowding, ...others], isAll: crowding.length < part && others.length < limit }
}
