import { setTimeout as delay } from 'node:timers/promises'
import type { Build } from './builds.ts'
import type { Result } from './job.ts'
import { GROUPS, type Group, type Measure } from './measure.ts'
import { bareMeasures } from './measures/bare-measure.ts'
import { countMeasures } from './measures/count-measure.ts'
import { effortMeasures } from './measures/effort-measure.ts'
import { loadMeasures } from './measures/load-measures.ts'
import { memoryMeasure, startMeasure } from './measures/restart-measures.ts'
import { severalMeasures } from './measures/several-measures.ts'
import { orderOf } from './pairs.ts'
import { Stage, type StageOptions } from './stage.ts'
import type { Measured } from './table.ts'

export interface InstrumentOptions extends StageOptions {
  /** The build under test, and the one it is compared with if any. */
  builds: Build[]
  rounds: number
  groups: Group[]
}

/** What the run before has left, garbage for one, is done with meanwhile. */
const PAUSE_MS = 1_000

/** Measures in rounds, the builds in turn, and yields the results of all rounds by measure. */
export async function measure(options: InstrumentOptions): Promise<Measured[]> {
  const { builds, progress } = options
  const stage = await Stage.open(options)
  try {
    const measured: Measured[] = []
    for (const measure of measuresOf(options)) {
      for (const build of builds) await measure.prepare?.(stage, build)
      const results = await inRounds(stage, measure, options)
      const [mine = [], theirs = []] = builds.map((build) => results.get(build) ?? [])
      measured.push({ measure, mine, theirs })
    }
    return measured
  } finally {
    progress('stopping')
    await stage.close()
  }
}

async function inRounds(
  stage: Stage,
  measure: Measure,
  { builds, rounds, progress }: InstrumentOptions,
): Promise<Map<Build, Result[]>> {
  const results = new Map<Build, Result[]>()
  const measuredBuilds = measure.isAlone ? builds.slice(0, 1) : builds
  const count = Math.min(rounds, measure.mostRounds ?? rounds)
  for (let round = 0; round < count; round++) {
    for (const build of orderOf(round, measuredBuilds)) {
      await delay(PAUSE_MS)
      const result = await measure.run(stage, build)
      results.set(build, [...(results.get(build) ?? []), result])
      progress(`${measure.title}, round ${round + 1} of ${count}, ${build.name}: ${brief(measure, result)}`)
    }
  }
  return results
}

function measuresOf({ groups, idleSessions, share }: InstrumentOptions): Measure[] {
  const all = [
    ...loadMeasures,
    ...bareMeasures,
    startMeasure,
    memoryMeasure(idleSessions),
    ...countMeasures,
    ...effortMeasures,
    ...severalMeasures(share),
  ]
  return GROUPS.filter((group) => groups.includes(group)).flatMap((group) =>
    all.filter((measure) => measure.group === group),
  )
}

function brief({ figures }: Measure, result: Result): string {
  return figures.map(({ key, words }) => `${(result[key] ?? Number.NaN).toFixed(2)} ${words}`).join(', ')
}
