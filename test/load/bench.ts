/**
 * Measures servers, each in a process of its own, as is the simulated network and what puts the load on.
 * Figures of one run can be compared with each other; absolute ones say more about the machine. What each means:
 * docs/performance.md.
 *
 *   npm run bench -- [--against <folder of another build>] [--rounds 5] [--seconds 5] [--only texts,single]
 *                    [--database postgres] [--write docs/performance.md]
 *                                    builds in turn, with the ratios of what was measured in the same round; --only chooses
 *                                    of texts, bare, receipts, pingpong, flood, backlog, single, steady, start, memory,
 *                                    counts, calls, workers, nodes (the last two on PostgreSQL); --database takes the address
 *                                    of a server as well; --idle 100: sessions of the measure of memory; --share 0.3:
 *                                    the part of a core that workers and nodes get; --write puts the table into a page
 *
 *   npm run bench -- --sessions 200 [--soak 0] [--database postgres://...]
 *                                    what a session costs at 10, 100, ... sessions; --soak watches memory for that many
 *                                    minutes, under 100 texts a second or as many as --soak-rate says
 *   npm run bench -- --takeover 2 --database postgres://...
 *                                    several nodes on one database: throughput, and how long a lost one's sessions are away
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
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attackRun } from './attacks/attack-run.ts'
import { authenticationRun } from './authentication-run.ts'
import { backlogRun } from './backlog-run.ts'
import { buildIn } from './bench/builds.ts'
import { measure } from './bench/instrument.ts'
import { GROUPS, type Group } from './bench/measure.ts'
import { failuresOf, tableOf } from './bench/table.ts'
import { clusterRun } from './cluster-run.ts'
import { report } from './report.ts'
import { scaleRun } from './scale-run.ts'
import { uploadRun } from './upload-run.ts'

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    idle: { type: 'string', default: '100' },
    share: { type: 'string', default: '1' },
    write: { type: 'string' },
    database: { type: 'string' },
    sessions: { type: 'string' },
    soak: { type: 'string', default: '0' },
    'soak-rate': { type: 'string', default: '100' },
    takeover: { type: 'string' },
    backlog: { type: 'string' },
    upload: { type: 'string' },
    attacks: { type: 'boolean', default: false },
    authentication: { type: 'boolean', default: false },
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
// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  if (values.upload !== undefined) await upload(Number(values.upload))
  else if (values.attacks) await underAttack()
  else if (values.authentication)
    process.stdout.write(report({ authentication: await authenticationRun() }, undefined))
  else if (values.backlog !== undefined) await backlog(Number(values.backlog))
  else if (values.takeover !== undefined) await cluster(Number(values.takeover))
  else if (values.sessions !== undefined) await scale(Number(values.sessions))
  else await instrument()
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function instrument(): Promise<void> {
  const { against, database = 'sqlite', write } = values
  const isPostgres = database !== 'sqlite'
  const builds = [buildIn('.', 'this'), ...(against === undefined ? [] : [buildIn(against, 'other')])]
  const names = builds.map(({ name }) => name)
  const share = Number(values.share)
  const rounds = Number(values.rounds)
  const groups = groupsOf(values.only, isPostgres)
  const idleSessions = Number(values.idle)
  const options = { ...common, database, seconds, rounds, builds, groups, idleSessions, share }
  const measured = await measure(options)

  const title = [
    `Node ${process.versions.node}`,
    `${availableParallelism()} cores`,
    isPostgres ? 'PostgreSQL' : 'SQLite',
    `${rounds} rounds of ${seconds} s`,
  ].join(', ')
  const text = `${title}\n\n${tableOf(measured, names)}`
  const failures = failuresOf(measured, names)
  const rows = measured.map(({ measure: { group, title }, mine, theirs }) => ({ group, title, mine, theirs }))
  process.stdout.write(`${[text, ...failures].join('\n')}\n\n${JSON.stringify({ title, failures, rows })}\n`)
  if (failures.length > 0) process.exitCode = 1
  else if (write !== undefined) await writeTable(write, isPostgres, text)
}

function groupsOf(only: string | undefined, isPostgres: boolean): Group[] {
  const able = GROUPS.filter((group) => isPostgres || !['workers', 'nodes'].includes(group))
  if (only === undefined) return able
  const wanted = only.split(',')
  const unknown = wanted.filter((name) => !able.some((group) => group === name))
  if (unknown.length > 0) throw new Error(`--only knows ${able.join(', ')}, and not ${unknown.join(', ')}`)
  return able.filter((group) => wanted.includes(group))
}

/** Puts a table between the markers that a page has for this database. */
async function writeTable(page: string, isPostgres: boolean, text: string): Promise<void> {
  const { writePart } = await import(new URL('../../scripts/written-part.mjs', import.meta.url).href)
  writePart(page, {
    name: isPostgres ? 'figures on PostgreSQL' : 'figures on SQLite',
    command: `npm run bench -- ${isPostgres ? '--database postgres ' : ''}--write ${page}`,
    source: 'the bench',
    text,
  })
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

async function cluster(nodes: number): Promise<void> {
  const { database } = values
  if (database === undefined) throw new Error('several nodes need --database postgres://...')
  const figures = await clusterRun({
    ...common,
    databaseUrl: database,
    nodes: [1, nodes],
    sessions: CLUSTER_SESSIONS,
    seconds,
  })
  process.stdout.write(report({ cluster: figures }, database))
}

async function scale(sessions: number): Promise<void> {
  const steps = [10, 100, 1_000].filter((step) => step < sessions)
  const { steps: scale, soak } = await scaleRun({
    ...common,
    steps: [...steps, sessions],
    seconds,
    soakMinutes: Number(values.soak),
    soakRate: Number(values['soak-rate']),
  })
  process.stdout.write(report({ scale, soak }, values.database))
}
