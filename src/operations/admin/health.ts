import { version } from '../../lib/process/version.ts'
import { countUsers } from '../../store/users/users.ts'
import type { Services } from '../services.ts'

/** What a monitor wants to know of the process. */
export interface Health {
  uptimeMs: number
  /** Sessions this process holds, connected or not. */
  sessions: number
  connected: number
  loggedIn: number
  users: number
  memory: NodeJS.MemoryUsage
  /** Sockets, timers and requests that keep the event loop busy. */
  activeResources: number
  version: string
}

/**
 * Tells whether nobody has made a user yet, so that the pages show the first steps. Once there was one, nobody is counted
 * any more: whoever has no token may ask this.
 */
export function watchForFirstUser(services: Pick<Services, 'db'>): () => Promise<boolean> {
  let isNew = true
  return async () => {
    if (isNew) isNew = (await countUsers(services.db)) === 0
    return isNew
  }
}

/** The state of the process and its sessions in numbers; `withoutUsers` asks no database and says there are none. */
export async function health(
  services: Pick<Services, 'sessions' | 'db'>,
  { withoutUsers = false } = {},
): Promise<Health> {
  const statuses = [...services.sessions.statuses().values()]
  return {
    uptimeMs: Math.round(process.uptime() * 1000),
    sessions: statuses.length,
    connected: statuses.filter((status) => status.connected).length,
    loggedIn: statuses.filter((status) => status.loggedIn).length,
    users: withoutUsers ? 0 : await countUsers(services.db),
    memory: process.memoryUsage(),
    activeResources: process.getActiveResourcesInfo().length,
    version,
  }
}
