import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ALONE, QUIET_MS, startAlone, WARM_UP_MESSAGES } from '../alone.ts'
import type { Measure } from '../measure.ts'
import type { Stage } from '../stage.ts'
import type { Subject } from '../subject.ts'

interface Effort {
  /** Context switches of all its threads. */
  switches: number
  /** NaN where there is no strace. */
  calls: number
}

const MESSAGES = 20

/** What the system does for a server for a message that comes or is sent alone, beyond what it does anyway. */
export const effortMeasures: Measure[] = ALONE.map(({ title, act }) => ({
  group: 'calls',
  title,
  figures: [
    { key: 'switches', words: 'context switches' },
    { key: 'calls', words: 'system calls' },
  ],
  mostRounds: 1,
  async run(stage, build) {
    const subject = await startAlone(stage, build, false)
    let failed = 0
    const effort = await effortOf(stage, subject, async () => {
      failed += await act(stage, subject)
    })
    await subject.stop()
    return { ...effort, failed }
  },
}))

async function effortOf(stage: Stage, subject: Subject, act: () => Promise<unknown>): Promise<Effort> {
  const { pid } = subject.program
  const some = async (count: number, work: () => Promise<unknown>) => {
    for (let number = 0; number < count; number++) {
      await work()
      await delay(QUIET_MS)
    }
  }
  const during = async (work: () => Promise<unknown>) => {
    const before = contextSwitches(pid)
    await some(MESSAGES, work)
    return contextSwitches(pid) - before
  }
  await some(WARM_UP_MESSAGES, act)
  const idle = await during(async () => {})
  const switches = ((await during(act)) - idle) / MESSAGES
  if (!hasStrace()) return { switches, calls: Number.NaN }
  const traced = async (work: () => Promise<unknown>) => {
    const file = join(stage.options.folder, 'strace')
    const tracer = spawn('strace', ['-f', '-c', '-o', file, '-p', String(pid)], { stdio: 'ignore' })
    const ended = new Promise((resolve) => tracer.once('exit', resolve))
    await delay(1_000)
    await some(MESSAGES, work)
    tracer.kill('SIGINT')
    await ended
    const [total] = /^100\.00.* total$/m.exec(readFileSync(file, 'utf8')) ?? []
    return Number(total?.trim().split(/\s+/)[3])
  }
  const callsWhenIdle = await traced(async () => {})
  return { switches, calls: ((await traced(act)) - callsWhenIdle) / MESSAGES }
}

function contextSwitches(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    return sum + [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].reduce((all, [, n]) => all + Number(n), 0)
  }, 0)
}

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-c', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
