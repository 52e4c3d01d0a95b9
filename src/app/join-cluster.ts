import type { RequestListener } from 'node:http'
import { internalAddress, internalPlace } from '../cluster/address.ts'
import { type GracefulLeave, handOverAll } from '../cluster/graceful-leave.ts'
import {
  answerMoved,
  internalListener,
  internalUpgrades,
  type OwnPages,
  refuseMoved,
  type UpgradeListener,
} from '../cluster/internal.ts'
import { nodeId } from '../cluster/node-id.ts'
import { type Ownership, singleNode } from '../cluster/ownership.ts'
import { askNodes } from '../cluster/peers.ts'
import { RequestBarrier } from '../cluster/request-barrier.ts'
import type { Config } from '../config/config.ts'
import { type Forwarding, startForwarding } from '../http/proxy/route-to-owner.ts'
import { listen } from '../http/server/listen.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database } from '../store/database/database.ts'
import { listNodes } from '../store/nodes/nodes.ts'

/** This process among those that share its database. */
export interface Cluster {
  ownership: Ownership
  /** Absent where no session is anywhere else. */
  forwarding?: Forwarding
  /** What the other nodes answer at one of their own pages. */
  ask(page: string): Promise<unknown[]>
  /** Answers the other nodes as the public port answers everybody, and at pages of its own. */
  open(served: { app: RequestListener; pages: OwnPages; upgrades?: UpgradeListener }): void
  /** Gives the sessions to nodes that go on, if there are any, while requests are still taken. */
  leave(parts: Pick<GracefulLeave, 'drain' | 'leaveClients'>): Promise<void>
  /** Ends the internal port, after everything that may still need the other nodes. */
  stop(): Promise<void>
}

export interface ClusterParts {
  config: Config
  db: Database
  secrets: Secrets
  log: Logger
  /** Number of this process among the workers of its machine. */
  worker?: number
}

/** Joins the nodes of the same PostgreSQL database; with SQLite there is only this one. */
export async function joinCluster({ config, db, secrets, log, worker }: ClusterParts): Promise<Cluster> {
  const { databaseUrl, shutdownGraceMs } = config
  if (databaseUrl === undefined) return alone()

  // Nothing is here before everything is: until then the other nodes are sent on.
  let app: RequestListener = (_request, response) => answerMoved(response)
  let upgrades: UpgradeListener = (_request, socket) => refuseMoved(socket)
  const ownPages: OwnPages = {}
  const secret = secrets.shared('internal port')
  const internal = await listen(
    internalListener((request, response) => app(request, response), { secret, pages: ownPages }),
    {
      ...internalPlace(config, worker),
      exclusive: true,
      upgrades: internalUpgrades((request, socket, head) => upgrades(request, socket, head), secret),
    },
  )
  const barrier = new RequestBarrier()
  let leaveBy = Number.POSITIVE_INFINITY
  const id = await nodeId(config, worker)
  const { leasedOwnership } = await import('../cluster/leases.ts')
  const ownership = leasedOwnership({
    databaseUrl,
    db,
    log,
    nodeId: id,
    address: internalAddress(config, internal.port),
    handOver: {
      // All sessions of a node that leaves share one time for what is being answered.
      before: (userId) =>
        barrier.close(userId, Math.max(0, Math.min(shutdownGraceMs, leaveBy - performance.now()))),
      after: (userId) => barrier.open(userId),
    },
  })
  const forwarding = startForwarding({
    ownership,
    barrier,
    secret,
    log,
    addressOf: async (node) => (await listNodes(db)).find((one) => one.id === node && one.isAlive)?.address,
  })

  return {
    ownership,
    forwarding,
    ask: (page) => askNodes({ db, nodeId: ownership.nodeId, secret }, page),
    open(served) {
      app = served.app
      upgrades = served.upgrades ?? upgrades
      Object.assign(ownPages, served.pages)
    },
    async leave(parts) {
      leaveBy = performance.now() + shutdownGraceMs
      const workersPrefix = worker === undefined ? undefined : id.replace(/\d+$/, '')
      const leaving = { ...parts, db, nodeId: ownership.nodeId, workersPrefix, patienceMs: shutdownGraceMs }
      await handOverAll(leaving).catch((error: unknown) =>
        // The rest of the stop does not depend on it.
        log.warn({ err: error }, 'the sessions could not be handed over'),
      )
    },
    async stop() {
      await internal.stop(Math.max(0, Math.min(shutdownGraceMs, leaveBy - performance.now())))
      forwarding.stop()
    },
  }
}

function alone(): Cluster {
  return {
    ownership: singleNode(),
    ask: async () => [],
    open: () => {},
    leave: async () => {},
    stop: async () => {},
  }
}
