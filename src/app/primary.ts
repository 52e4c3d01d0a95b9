import { startWorkers } from '../cluster/workers.ts'
import type { Config } from '../config/config.ts'
import { adminToken } from '../lib/secrets/admin-token.ts'
import { hostNetwork } from './join-network.ts'
import { openLog } from './open-log.ts'

/** The workers of this machine, seen from the process that started them. */
export interface Primary {
  /** Where they answer. */
  url: string
  adminToken: string
  stop(): Promise<void>
}

/** Starts the workers, and the simulated network they share if there is to be one; it serves nothing itself. */
export async function startPrimary(config: Config): Promise<Primary> {
  const network = await hostNetwork(config.whatsappNetwork)
  const workers = await startWorkers({
    count: config.workers,
    log: openLog(config),
    env: { WHATSAPP_NETWORK: network.address },
  }).catch(async (error: unknown) => {
    await network.stop()
    throw error
  })
  return {
    url: workers.url,
    // The first worker has generated it, after everything that speaks against a start.
    adminToken: await adminToken(config),
    async stop() {
      await workers.stop()
      await network.stop()
    },
  }
}
