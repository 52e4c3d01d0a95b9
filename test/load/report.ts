import { availableParallelism } from 'node:os'
import { attackRows } from './attacks/attack-report.ts'
import type { AttackRow } from './attacks/attack-run.ts'
import type { AuthenticationFigures } from './authentication-run.ts'
import type { BacklogFigures } from './backlog-run.ts'
import type { ClusterFigures } from './cluster-run.ts'
import type { ScaleFigures, SoakFigures } from './scale-run.ts'
import type { Spread } from './stats.ts'

export interface Rate extends Spread {
  perSecond: number
}

/** Whatever one run has measured. */
export interface Measured {
  scale?: ScaleFigures[]
  soak?: SoakFigures | undefined
  cluster?: ClusterFigures
  backlog?: BacklogFigures
  attacks?: AttackRow[]
  authentication?: AuthenticationFigures
}

type Row = [name: string, value: string]

/** The figures as a table for people and one line of JSON for programs. */
export function report(measured: Measured, databaseUrl: string | undefined): string {
  const machine = {
    node: process.versions.node,
    cores: availableParallelism(),
    database: databaseUrl ? 'PostgreSQL' : 'SQLite',
  }
  const rows = [
    ...(measured.scale ?? []).flatMap(scaleRows),
    ...(measured.soak ? soakRows(measured.soak) : []),
    ...(measured.cluster ? clusterRows(measured.cluster) : []),
    ...(measured.backlog ? backlogRows(measured.backlog) : []),
    ...(measured.attacks ? attackRows(measured.attacks) : []),
    ...(measured.authentication ? authenticationRows(measured.authentication) : []),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const table = rows.map(([name, value]) => `${name.padEnd(width)}   ${value}`).join('\n')
  const { node, cores, database } = machine
  return `\nNode ${node}, ${cores} cores, ${database}\n${table}\n\n${JSON.stringify({ machine, ...measured })}\n`
}

function backlogRows(figures: BacklogFigures): Row[] {
  const { memoryMb, attempts } = figures
  return [
    ['events recorded for a receiver that is away', `${figures.events}, ${figures.recordedPerSecond}/s`],
    ['  on disk', `${figures.bytesPerEvent} bytes each`],
    [
      'memory: nothing waits, all waits, being made',
      Object.values(memoryMb)
        .map((mb) => `${mb} MB`)
        .join(', '),
    ],
    ['first delivery after the receiver is back', `${figures.firstAfterSeconds} s`],
    ['all deliveries after the first', `${figures.drainSeconds} s, ${figures.deliveredPerSecond}/s`],
    ['  CPU of the server', `${figures.cpuMsPerDelivery} ms each`],
    ['  from request to answer', `p50 ${attempts.p50Ms} ms   p99 ${attempts.p99Ms} ms`],
    ['lost, twice, out of order', figures.problems.join('; ') || 'none'],
  ]
}

function authenticationRows({ plainToken, signedToken }: AuthenticationFigures): Row[] {
  return Object.entries({
    'who asks, by plain token': plainToken,
    'who asks, by signed token, with the hourly limit': signedToken,
  }).map(([name, { p50Us, p99Us }]): Row => [name, `p50 ${p50Us} µs   p99 ${p99Us} µs`])
}

function scaleRows(step: ScaleFigures): Row[] {
  const { sessions, steady } = step
  return [
    [`${sessions} sessions: linked one after the other`, `${step.linkedPerSecond}/s`],
    [`${sessions} sessions: all open after a restart`, `${step.allOpenSeconds} s`],
    [`${sessions} sessions: memory of an idle one`, `${step.idleMbPerSession} MB`],
    [`${sessions} sessions: CPU when idle`, `${step.idleCpuPercent} % of a core`],
    [`${sessions} sessions: steady texts`, `${rate(steady)}   failed ${steady.failed}`],
    [`${sessions} sessions: CPU per text`, `${step.cpuMsPerText} ms`],
  ]
}

function soakRows({ minutes, rssMb, growthMbPerHour, steady }: SoakFigures): Row[] {
  return [
    [`${minutes} min of traffic: memory`, `${rssMb.join(', ')} MB`],
    [`${minutes} min of traffic: growth in the second half`, `${growthMbPerHour} MB an hour`],
    [`${minutes} min of traffic: texts`, `${rate(steady)}   failed ${steady.failed}`],
  ]
}

function clusterRows({ texts, takeover }: ClusterFigures): Row[] {
  return [
    ...Object.entries(texts).map(([n, value]): Row => [`texts over HTTP, ${n} node(s)`, rate(value)]),
    ['sessions open elsewhere after kill -9', `${takeover.afterKill} s`],
    ['sessions open elsewhere after SIGTERM', `${takeover.afterTerm} s`],
  ]
}

function rate({ perSecond, p50Ms, p99Ms }: Rate): string {
  return `${perSecond}/s   p50 ${p50Ms} ms   p99 ${p99Ms} ms`
}
