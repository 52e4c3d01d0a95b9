import { setTimeout as delay } from 'node:timers/promises'
import {
  CONTACT,
  link,
  type RunOptions,
  range,
  type Server,
  startSandbox,
  startServer,
  tokenOf,
} from './bench-parts.ts'
import { forEachOf, until } from './client.ts'
import { cpuMs } from './cpu.ts'
import { round } from './stats.ts'
import { type Steady, steadyTexts } from './steady.ts'

export interface ScaleOptions extends RunOptions {
  /** Numbers of sessions to measure at, ascending. */
  steps: number[]
  /** How long each rate is held. */
  seconds: number
  /** How long memory is watched under traffic at the end. */
  soakMinutes: number
  /** Texts a second meanwhile. */
  soakRate: number
}

/** What is measured at one number of sessions. */
export interface ScaleFigures {
  sessions: number
  linkedPerSecond: number
  allOpenSeconds: number
  idleMbPerSession: number
  /** Percent of one core. */
  idleCpuPercent: number
  /** Texts a second are the same at every step, so that only the number of sessions differs. */
  steady: Steady
  cpuMsPerText: number
}

export interface SoakFigures {
  minutes: number
  /** Resident memory at ten moments, evenly spaced. */
  rssMb: number[]
  growthMbPerHour: number
  steady: Steady
}

const STEADY_PER_SECOND = 100
const SETTLE_MS = 5_000
const IDLE_MS = 20_000
const OPEN_TIMEOUT_MS = 300_000
const WARM_UP_AT_ONCE = 8

/** Measures what an account costs as their number grows, and whether memory stays flat under traffic. */
export async function scaleRun(
  options: ScaleOptions,
): Promise<{ steps: ScaleFigures[]; soak: SoakFigures | undefined }> {
  const sandbox = await startSandbox()
  const server = await startServer(options, sandbox.wsUrl)
  try {
    await server.client.removeUsers()
    await server.program.stop()
    server.program = await server.restart()
    const emptyMb = server.program.rssMb()
    const steps: ScaleFigures[] = []
    let linked = 0
    for (const sessions of options.steps) {
      steps.push(await measureAt(sessions, { options, server, control: sandbox.control, linked, emptyMb }))
      linked = sessions
    }
    const soak = options.soakMinutes > 0 ? await soakRun(options, server, linked) : undefined
    return { steps, soak }
  } finally {
    await server.program.stop()
    await sandbox.program.stop()
  }
}

async function measureAt(
  sessions: number,
  given: { options: ScaleOptions; server: Server; control: string; linked: number; emptyMb: number },
): Promise<ScaleFigures> {
  const { options, server, control, linked, emptyMb } = given
  const { client } = server
  const { progress, seconds } = options
  progress(`linking up to ${sessions} sessions`)
  const linkingSince = performance.now()
  await link(client, control, range(linked, sessions), '')
  const linkedPerSecond = round((sessions - linked) / ((performance.now() - linkingSince) / 1000))
  progress('the first text of each session')
  await forEachOf(range(linked, sessions), WARM_UP_AT_ONCE, (index) =>
    client.sendText(tokenOf(index), CONTACT, 'warm up'),
  )

  progress(`restart with ${sessions} sessions`)
  await server.program.stop()
  const startedAt = performance.now()
  server.program = await server.restart()
  await until('sessions to be open', async () => (await client.loggedIn()) === sessions, OPEN_TIMEOUT_MS)
  const allOpenSeconds = round((performance.now() - startedAt) / 1000)

  await delay(SETTLE_MS)
  const idleMbPerSession = round((server.program.rssMb() - emptyMb) / sessions)
  const idleCpuPercent = await cpuPercent(server, IDLE_MS)

  progress(`${STEADY_PER_SECOND} texts a second over ${sessions} sessions`)
  // After a restart nothing of a session is in memory: its first text reads what the others find there.
  const warmUp = Math.max(2, sessions / STEADY_PER_SECOND)
  await steadyTexts([client], range(0, sessions), { perSecond: STEADY_PER_SECOND, seconds: warmUp })
  const before = cpuMs(server.program.pid)
  const steady = await steadyTexts([client], range(0, sessions), { perSecond: STEADY_PER_SECOND, seconds })
  const cpuMsPerText = round((cpuMs(server.program.pid) - before) / steady.count)
  return {
    sessions,
    linkedPerSecond,
    allOpenSeconds,
    idleMbPerSession,
    idleCpuPercent,
    steady,
    cpuMsPerText,
  }
}

async function cpuPercent({ program }: Server, ms: number): Promise<number> {
  const before = cpuMs(program.pid)
  await delay(ms)
  return round((100 * (cpuMs(program.pid) - before)) / ms)
}

async function soakRun(options: ScaleOptions, server: Server, sessions: number): Promise<SoakFigures> {
  const { soakMinutes: minutes, soakRate, progress } = options
  const traffic = steadyTexts([server.client], range(0, sessions), {
    perSecond: soakRate,
    seconds: minutes * 60,
  })
  const rssMb: number[] = []
  const watch = (async () => {
    for (let n = 0; n < 10; n++) {
      await delay(minutes * 6_000)
      rssMb.push(round(server.program.rssMb()))
      progress(`${round((minutes * (n + 1)) / 10)} min: ${rssMb.at(-1)} MB`)
    }
  })()
  const [steady] = await Promise.all([traffic, watch])
  // The first half fills caches that are bounded; what matters is what goes on after that.
  const [from = 0, to = 0] = [rssMb[4], rssMb.at(-1)]
  return { minutes, rssMb, growthMbPerHour: round((to - from) / (minutes / 120)), steady }
}
