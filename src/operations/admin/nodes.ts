import { isPostgres } from '../../store/database/database.ts'
import { listNodes } from '../../store/nodes/nodes.ts'
import { listOwnedSessions } from '../../store/nodes/owned-sessions.ts'
import { listUsers } from '../../store/users/users.ts'
import type { Services } from '../services.ts'

/** A process that runs sessions. Instants are unix milliseconds. */
export interface NodeReport {
  id: string
  /** Where the other nodes reach it; '' where there is no other. */
  address: string
  since: number
  /** Until when the others count on it; for a dead node, until when they did. */
  seenUntil?: number
  state: 'running' | 'draining' | 'dead'
  /** Sessions it runs. */
  sessions: number
}

/** A session that runs or should, and where. */
export interface SessionReport {
  userId: string
  name: string
  /** Whether it should run. */
  wanted: boolean
  /** In the words of its state machine; '' while nothing is known of it. */
  state: string
  /** Id of its node; absent while it has none. */
  node?: string
  /** Until when the other nodes leave it there. */
  leaseUntil?: number
}

/** The only node of a database that is a file. */
const ONLY_NODE = 'this'

/** The nodes of this server, dead ones for some minutes, in the order they were started. */
export async function allNodes(services: Services): Promise<NodeReport[]> {
  const { db, sessions, startedAt } = services
  if (!isPostgres(db)) {
    const state = services.isDraining() ? 'draining' : 'running'
    return [{ id: ONLY_NODE, address: '', since: startedAt, state, sessions: sessions.statuses().size }]
  }
  const nodes = await listNodes(db)
  return nodes.map(({ id, address, startedAt: since, seenUntil, isAlive, isDraining, sessions: count }) => {
    const state = isDraining ? 'draining' : 'running'
    return { id, address, since, seenUntil, state: isAlive ? state : 'dead', sessions: count }
  })
}

/** The sessions of all nodes, those included that wait for one. */
export async function sessionPlaces(services: Services): Promise<SessionReport[]> {
  const { db, secrets, sessions } = services
  const stateOf = (userId: string) => sessions.status(userId)?.state
  if (isPostgres(db)) {
    const owned = await listOwnedSessions(db)
    return owned.map(({ epoch: _, ...session }) => ({
      ...session,
      state: stateOf(session.userId) ?? session.state,
    }))
  }
  const users = (await listUsers(db, secrets)).filter(({ id, wanted }) => wanted || sessions.find(id))
  return users.map(({ id, name, wanted }) => ({
    userId: id,
    name,
    wanted,
    state: stateOf(id) ?? '',
    ...(sessions.find(id) && { node: ONLY_NODE }),
  }))
}
