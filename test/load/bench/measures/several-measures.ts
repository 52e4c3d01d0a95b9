import { setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { forEachOf, until } from '../../client.ts'
import { cpuMs } from '../../cpu.ts'
import type { Build } from '../builds.ts'
import type { Target } from '../job.ts'
import type { Measure } from '../measure.ts'
import { orderOf } from '../pairs.ts'
import { slowDown } from '../slow-down.ts'
import { CONTACTS, SESSIONS, type Stage } from '../stage.ts'
import type { Subject } from '../subject.ts'

/** Sessions move to a new node a few at a time. */
const BALANCE_MS = 10_000
const OPEN_MS = 120_000
const ASKED_AT_ONCE = 4
const LONG_ROUNDS = 3
/** The same on all nodes, as it must be. */
const ENCRYPTION_KEY = 'bench-encryption-key-of-all-nodes'

const figures = [
  { key: 'one', words: 'a second, one' },
  { key: 'two', words: 'a second, two' },
  { key: 'ratio', words: 'two divided by one' },
  { key: 'cpuOne', words: 'ms of CPU each, one' },
  { key: 'cpuTwo', words: 'ms of CPU each, two' },
  { key: 'lesser', words: 'part of the CPU that the lesser of two used' },
  { key: 'capacity', words: 'two divided by one, by CPU' },
]

/** Servers that run together, and what belongs to each of them. */
interface Running {
  target: Target
  programs: number[][]
  stop(): Promise<void>
}

/** How much the network and the load step back meanwhile, on a machine with few cores (`nice`). */
const STEP_BACK = 5

/** Both need a database that several processes may share. */
export function severalMeasures(share: number): Measure[] {
  const how = share < 1 ? `${Math.round(share * 100)} % of a core each` : `network niced by ${STEP_BACK}`
  return [
    {
      group: 'workers',
      title: `texts, ${SESSIONS} sessions, workers of one machine, ${how}`,
      figures,
      mostRounds: LONG_ROUNDS,
      prepare,
      run: (stage, build) => compareNumbers(stage, build, startWorkers),
    },
    {
      group: 'nodes',
      title: `texts, ${SESSIONS} sessions, nodes, ${how}`,
      figures,
      mostRounds: LONG_ROUNDS,
      prepare,
      run: (stage, build) => compareNumbers(stage, build, startNodes),
    },
  ]
}

const shared = (stage: Stage, build: Build) => stage.subject(build, 'shared', { ENCRYPTION_KEY })

async function prepare(stage: Stage, build: Build): Promise<void> {
  const subject = await shared(stage, build)
  if (!subject.options.databaseUrl) throw new Error('workers and nodes need --database postgres')
  if (subject.size > 0) return
  await subject.start()
  await subject.link(SESSIONS)
  await subject.stop()
}

let turn = 0

async function compareNumbers(
  stage: Stage,
  build: Build,
  start: (subject: Subject, count: number) => Promise<Running>,
): ReturnType<Measure['run']> {
  const subject = await shared(stage, build)
  const seen: Record<number, Awaited<ReturnType<typeof rate>>> = {}
  for (const count of orderOf(turn++, [1, 2])) {
    const running = await start(subject, count)
    try {
      seen[count] = await rate(stage, running)
    } finally {
      await running.stop()
    }
  }
  const { 1: one, 2: two } = seen
  if (!one || !two) throw new Error('one of them was not measured')
  return {
    one: one.perSecond,
    two: two.perSecond,
    ratio: two.perSecond / one.perSecond,
    cpuOne: one.cpu,
    cpuTwo: two.cpu,
    lesser: two.lesser,
    // If nothing but the CPU of the busier one limits two: what is around them may do so here.
    capacity: one.cpu / two.cpu / (1 - two.lesser),
    failed: one.failed + two.failed,
  }
}

async function rate(stage: Stage, { target, programs }: Running) {
  const { share, seconds } = stage.options
  const around = [stage.sandbox.program.pid, stage.load.pid]
  for (const pid of around) setPriority(pid, share < 1 ? 0 : STEP_BACK)
  const used = () => programs.map((pids) => pids.reduce((sum, pid) => sum + cpuMs(pid), 0))
  const before = used()
  const slowed = share < 1 ? slowDown(programs.flat(), share) : undefined
  try {
    const result = await stage.load.run('texts', { target, contacts: CONTACTS, seconds })
    const each = used().map((ms, index) => ms - (before[index] ?? 0))
    const all = each.reduce((sum, ms) => sum + ms, 0)
    return {
      perSecond: result.perSecond,
      cpu: result.cpu ?? 0,
      failed: result.failed,
      lesser: Math.min(...each) / all,
    }
  } finally {
    await slowed?.stop()
  }
}

async function startWorkers(subject: Subject, count: number): Promise<Running> {
  await subject.start({ env: { WORKERS: String(count) } })
  await allOpen(subject)
  const workers = subject.program.children()
  const target = subject.target()
  // The process that starts workers does nothing afterwards; it is never stopped, so that it can end them.
  const programs = count > 1 ? workers.map((pid) => [pid]) : [[subject.program.pid]]
  return { target, programs, stop: () => subject.stop() }
}

async function startNodes(subject: Subject, count: number): Promise<Running> {
  const nodes = [subject]
  if (count > 1) nodes.push(await subject.node(join(subject.options.folder, 'second')))
  for (const node of nodes) await node.start()
  await allOpen(subject)
  const targets = nodes.map((node) => node.target())
  return {
    // A session's requests go to one node, whether that has the session or not: so it is behind a proxy.
    target: {
      sessions: subject.target().sessions,
      ports: targets.flatMap(({ ports }) => ports),
      pids: targets.flatMap(({ pids }) => pids),
    },
    programs: targets.map(({ pids }) => pids),
    async stop() {
      for (const node of nodes) await node.stop()
    },
  }
}

/** A server tells of its own sessions only, so each is asked for; whoever has it answers. */
async function allOpen(subject: Subject): Promise<void> {
  const opened = () =>
    forEachOf(subject.target().sessions, ASKED_AT_ONCE, ({ token }) =>
      until(`session ${token}`, () => subject.client.isLoggedIn(token), OPEN_MS),
    )
  await opened()
  await delay(BALANCE_MS)
  await opened()
}
