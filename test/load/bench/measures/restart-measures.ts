import { setTimeout as delay } from 'node:timers/promises'
import type { Measure } from '../measure.ts'
import { SESSIONS, type Stage } from '../stage.ts'
import type { Subject } from '../subject.ts'

/** After a start a server still tidies up. */
const SETTLE_MS = 10_000
const MB = 1024 * 1024
/** As many as a small installation has. */
const USERS = 18
const LONG_ROUNDS = 3

/** A warm start of the usual server: the second one of its data. */
export const startMeasure: Measure = {
  group: 'start',
  title: `restart with ${SESSIONS} sessions`,
  figures: [
    { key: 'health', words: 'ms until /health' },
    { key: 'open', words: 'ms until all are open' },
    { key: 'cpu', words: 'ms of CPU until then' },
  ],
  async run(stage, build) {
    const subject = await stage.usual(build)
    await subject.stop()
    const begun = performance.now()
    await subject.start()
    const health = performance.now() - begun
    await subject.allOpen()
    return { health, open: performance.now() - begun, cpu: subject.program.cpuMs(), failed: 0 }
  },
}

/** A server that does nothing, without sessions, with some and with many. */
export function memoryMeasure(idleSessions: number): Measure {
  const sizes = { empty: 0, some: USERS, many: idleSessions }
  type Size = keyof typeof sizes
  const subjects = async (stage: Stage, build: Parameters<Measure['run']>[1]) => {
    const named = async (size: Size) => [size, await stage.subject(build, size)] as const
    return [await named('empty'), await named('some'), await named('many')]
  }
  if (idleSessions <= USERS) throw new Error(`memory needs more than ${USERS} idle sessions`)
  return {
    group: 'memory',
    title: 'memory after a restart',
    figures: [
      { key: 'empty', words: 'MB resident, no sessions' },
      { key: 'some', words: `MB resident, ${USERS} sessions` },
      { key: 'many', words: `MB resident, ${idleSessions} sessions` },
      { key: 'eachResident', words: 'KB resident for each further idle session' },
      { key: 'eachCollected', words: 'KB resident for each further idle session, garbage collected' },
      { key: 'eachLive', words: 'KB of live heap for each further idle session' },
      { key: 'live', words: 'MB of live heap, no sessions' },
    ],
    mostRounds: LONG_ROUNDS,
    async prepare(stage, build) {
      for (const [size, subject] of await subjects(stage, build)) {
        stage.options.progress(`${build.name}: linking ${sizes[size]} phones`)
        await subject.start()
        await subject.link(sizes[size])
        await subject.stop()
      }
    },
    async run(stage, build) {
      const seen = {} as Record<Size, Awaited<ReturnType<typeof idle>>>
      for (const [size, subject] of await subjects(stage, build)) seen[size] = await idle(subject)
      const { empty, some, many } = seen
      const each = (key: keyof typeof empty) => ((many[key] - some[key]) * 1024) / (idleSessions - USERS)
      return {
        empty: empty.residentMb,
        some: some.residentMb,
        many: many.residentMb,
        eachResident: each('residentMb'),
        eachCollected: each('collectedMb'),
        eachLive: each('liveMb'),
        live: empty.liveMb,
        failed: 0,
      }
    },
  }
}

/** Memory of a server that has just started: as it is, and once all garbage is gone. */
async function idle(subject: Subject): Promise<{ residentMb: number; collectedMb: number; liveMb: number }> {
  await subject.start()
  await settle(subject)
  const residentMb = subject.program.rssMb()
  await subject.stop()
  await subject.start({ isProbed: true })
  await settle(subject)
  // The probe answers with what Node tells of its memory.
  const { rss, heapUsed } = (await subject.program.ask('heap')) as NodeJS.MemoryUsage
  await subject.stop()
  return { residentMb, collectedMb: rss / MB, liveMb: heapUsed / MB }
}

async function settle(subject: Subject): Promise<void> {
  await subject.allOpen()
  await delay(SETTLE_MS)
}
