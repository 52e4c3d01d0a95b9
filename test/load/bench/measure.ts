import type { Build } from './builds.ts'
import type { Result } from './job.ts'
import type { Stage } from './stage.ts'

/** What `--only` chooses from, in the order of a run. */
export const GROUPS = [
  'texts',
  'bare',
  'receipts',
  'pingpong',
  'flood',
  'backlog',
  'single',
  'steady',
  'start',
  'memory',
  'counts',
  'calls',
  'workers',
  'nodes',
] as const
export type Group = (typeof GROUPS)[number]

/** One column of results, and how the table calls it. */
export interface Figure {
  key: string
  words: string
}

/** Something that is measured of a build, once in every round. */
export interface Measure {
  group: Group
  title: string
  figures: Figure[]
  /** For what takes long and moves little. */
  mostRounds?: number
  /** Of this build alone, whatever it is compared with. */
  isAlone?: boolean
  /** What costs time only once, before the rounds. */
  prepare?(stage: Stage, build: Build): Promise<void>
  run(stage: Stage, build: Build): Promise<Result>
}

export const RATE: Figure = { key: 'perSecond', words: 'a second' }
export const CPU: Figure = { key: 'cpu', words: 'ms of CPU each' }
/** The two of every list of durations. */
export function durations(of: string): Figure[] {
  return [
    { key: 'p50', words: `ms ${of}, p50` },
    { key: 'p99', words: `ms ${of}, p99` },
  ]
}
