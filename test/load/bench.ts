/**
 * Measures a server, its sandbox and bare Baileys, each in a process of its own, and prints a table and JSON.
 * Figures of one run can be compared with each other; absolute ones say more about the machine.
 *
 *   npm run bench -- [--sessions 200] [--seconds 5] [--soak 0] [--database postgres://...]
 *                                    speed beside the bare library, then what a session costs at 10, 100, ... sessions;
 *                                    --soak watches memory for that many minutes, under 100 texts a second or
 *                                    as many as --soak-rate says
 *   npm run bench -- --nodes 1,2,4 --database postgres://...
 *                                    several nodes on one database: throughput and takeover
 *   npm run bench -- --backlog 100000
 *                                    a receiver that is away while that many events happen, and returns
 *   npm run bench -- --attacks [--seconds 20] [--only words,bucket]
 *                                    what tenants notice of each thing that a neighbour may do, one after the other;
 *                                    exits with 1 when the server did not survive
 *   npm run bench -- --authentication
 *                                    what it costs to find out who asks, by plain token and by signed token
 *   npm run bench -- --upload 50     only the memory it takes to send a document of that many megabytes
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attackRun } from './attacks/attack-run.ts'
import { authenticationRun } from './authentication-run.ts'
import { backlogRun } from './backlog-run.ts'
import { benchRun } from './bench-run.ts'
import { clusterRun } from './cluster-run.ts'
import { report } from './report.ts'
import { scaleRun } from './scale-run.ts'
import { uploadRun } from './upload-run.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '200' },
    seconds: { type: 'string' },
    soak: { type: 'string', default: '0' },
    'soak-rate': { type: 'string', default: '100' },
    nodes: { type: 'string' },
    database: { type: 'string' },
    backlog: { type: 'string' },
    upload: { type: 'string' },
    attacks: { type: 'boolean', default: false },
    authentication: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const CLUSTER_SESSIONS = 40
const SECONDS = 5
/** Below that p99 is the one slowest of a few. */
const ATTACK_SECONDS = 20

const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
const common = {
  folder,
  databaseUrl: values.database,
  progress: (line: string) => process.stderr.write(`${line}\n`),
}
const seconds = Number(values.seconds ?? (values.attacks ? ATTACK_SECONDS : SECONDS))
try {
  if (values.upload !== undefined) await upload(Number(values.upload))
  else if (values.attacks) await underAttack()
  else if (values.authentication)
    process.stdout.write(report({ authentication: await authenticationRun() }, undefined))
  else if (values.backlog !== undefined) await backlog(Number(values.backlog))
  else if (values.nodes !== undefined) await cluster(values.nodes.split(',').map(Number))
  else await speedAndScale(Number(values.sessions))
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function upload(megabytes: number): Promise<void> {
  const figures = await uploadRun({ ...common, megabytes })
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
}

async function underAttack(): Promise<void> {
  const rows = await attackRun({ ...common, seconds, only: values.only })
  process.stdout.write(report({ attacks: rows }, values.database))
  if (rows.some(({ failure }) => failure)) process.exitCode = 1
}

async function backlog(events: number): Promise<void> {
  const figures = await backlogRun({ ...common, events })
  process.stdout.write(report({ backlog: figures }, values.database))
  if (figures.problems.length > 0) process.exitCode = 1
}

async function cluster(nodes: number[]): Promise<void> {
  const { database } = values
  if (database === undefined) throw new Error('several nodes need --database postgres://...')
  const figures = await clusterRun({
    ...common,
    databaseUrl: database,
    nodes,
    sessions: CLUSTER_SESSIONS,
    seconds,
  })
  process.stdout.write(report({ cluster: figures }, database))
}

async function speedAndScale(sessions: number): Promise<void> {
  const speed = await benchRun({ ...common, seconds })
  const steps = [10, 100, 1_000].filter((step) => step < sessions)
  const { steps: scale, soak } = await scaleRun({
    ...common,
    steps: [...steps, sessions],
    seconds,
    soakMinutes: Number(values.soak),
    soakRate: Number(values['soak-rate']),
  })
  process.stdout.write(report({ speed, scale, soak }, values.database))
}
