import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  CONTACT,
  link,
  type RunOptions,
  range,
  type Sandbox,
  type Server,
  startSandbox,
  startServer,
  tokenOf,
} from './bench-parts.ts'
import { until, type WuzapiClient } from './client.ts'
import type { Rate } from './report.ts'
import { round, spread } from './stats.ts'

export interface ClusterOptions extends RunOptions {
  databaseUrl: string
  /** Numbers of nodes to measure with, ascending. */
  nodes: number[]
  sessions: number
  seconds: number
}

export interface ClusterFigures {
  /** Texts per second by number of nodes; every client posts to whichever node comes next. */
  texts: Record<string, Rate>
  /** From the signal until every session is open again elsewhere, in seconds. */
  takeover: { afterKill: number; afterTerm: number }
}

// The same on all nodes, as it must be.
const ENCRYPTION_KEY = 'bench-encryption-key-of-all-nodes'
const TAKEOVER_TIMEOUT_MS = 60_000

/** Measures several nodes on one database: throughput, and how long a lost node's sessions are away. */
export async function clusterRun(options: ClusterOptions): Promise<ClusterFigures> {
  const { progress, sessions, seconds } = options
  const sandbox = await startSandbox()
  const nodes: Server[] = []
  try {
    const texts: Record<string, Rate> = {}
    for (const count of options.nodes) {
      while (nodes.length < count) nodes.push(await startNode(options, sandbox, nodes.length))
      const clients = nodes.map(({ client }) => client)
      if (count === options.nodes[0]) {
        progress(`linking ${sessions} sessions`)
        const client = clients[0] ?? fail()
        await client.removeUsers()
        await link(client, sandbox.control, range(0, sessions), '')
      }
      progress(`${count} node(s): texts`)
      await allOpen(clients, sessions)
      // Sessions move to a new node a few at a time.
      await delay(10_000)
      await allOpen(clients, sessions)
      texts[count] = await textRate(clients, sessions, seconds)
    }
    const [first, second] = nodes
    if (!first || !second) throw new Error('a takeover needs two nodes')
    for (const node of nodes.splice(2)) await node.program.stop()
    await allOpen([first.client, second.client], sessions)
    await delay(10_000)

    progress('kill -9')
    const afterKill = await takeover(first, second, sessions, 'SIGKILL')
    first.program = await first.restart()
    await delay(10_000)
    await allOpen([first.client, second.client], sessions)
    progress('SIGTERM')
    const afterTerm = await takeover(first, second, sessions, 'SIGTERM')
    return { texts, takeover: { afterKill, afterTerm } }
  } finally {
    await Promise.all(nodes.map(({ program }) => program.stop('SIGKILL')))
    await sandbox.program.stop()
  }
}

async function startNode(options: ClusterOptions, sandbox: Sandbox, index: number): Promise<Server> {
  const folder = join(options.folder, `node-${index}`)
  await mkdir(folder)
  return startServer({ ...options, folder }, sandbox.wsUrl, { ENCRYPTION_KEY })
}

/** Seconds from the signal to one node until the other one has every session open. */
async function takeover(
  leaving: Server,
  staying: Server,
  sessions: number,
  signal: NodeJS.Signals,
): Promise<number> {
  const begun = performance.now()
  const gone = leaving.program.stop(signal)
  await until(
    'every session on the other node',
    async () => (await staying.client.loggedIn()) === sessions,
    TAKEOVER_TIMEOUT_MS,
  )
  const seconds = round((performance.now() - begun) / 1000)
  await gone
  return seconds
}

function allOpen(clients: WuzapiClient[], sessions: number): Promise<void> {
  return until(
    'sessions to be open',
    async () => {
      const open = await Promise.all(clients.map((client) => client.loggedIn()))
      return open.reduce((sum, count) => sum + count, 0) >= sessions
    },
    TAKEOVER_TIMEOUT_MS,
  )
}

async function textRate(clients: WuzapiClient[], sessions: number, seconds: number): Promise<Rate> {
  const clientOf = (n: number) => clients[n % clients.length] ?? fail()
  await Promise.all(
    range(0, sessions).map((index) => clientOf(index).sendText(tokenOf(index), CONTACT, 'warm up')),
  )
  const latencies: number[] = []
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(
    range(0, sessions).map(async (index) => {
      for (let n = index; performance.now() < end; n++) {
        const begun = performance.now()
        await clientOf(n).sendText(tokenOf(index), CONTACT, 'a text of ordinary length')
        latencies.push(performance.now() - begun)
      }
    }),
  )
  return { perSecond: round(latencies.length / ((performance.now() - start) / 1000)), ...spread(latencies) }
}

function fail(): never {
  throw new Error('no node')
}
