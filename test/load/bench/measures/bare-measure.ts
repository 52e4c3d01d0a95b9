import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Measure } from '../measure.ts'
import { CONTACTS, SESSIONS, type Stage } from '../stage.ts'
import { sendTexts } from './load-measures.ts'

const LONG_ROUNDS = 3

/** The unmodified library with its keys in memory, and the server right after it. */
export const bareMeasures: Measure[] = [1, SESSIONS].map((count) => ({
  group: 'bare',
  title: `texts beside the bare library, ${count} ${count === 1 ? 'session' : 'sessions'}`,
  figures: [
    { key: 'bare', words: 'a second, library' },
    { key: 'bareP50', words: 'ms to the acknowledgement, library, p50' },
    { key: 'share', words: 'server divided by library' },
  ],
  mostRounds: LONG_ROUNDS,
  isAlone: true,
  async run(stage, build) {
    // Before the library runs: what else there is has to be started.
    await stage.usual(build)
    const bare = await bareRate(stage, count)
    const { perSecond, failed } = await sendTexts(stage, build, count)
    return { bare: bare.perSecond, bareP50: bare.p50Ms, share: perSecond / bare.perSecond, failed }
  },
}))

async function bareRate(stage: Stage, count: number): Promise<{ perSecond: number; p50Ms: number }> {
  const { sandbox, options } = stage
  const args = ['--import', 'tsx', 'test/load/bare-baileys.ts', sandbox.wsUrl, sandbox.control]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, String(count), String(options.seconds), CONTACTS[0] ?? ''],
    { timeout: 120_000 + options.seconds * 1_000 },
  )
  // Its last line holds these figures.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
