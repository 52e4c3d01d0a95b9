import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A program under test, running as a process of its own. */
export interface RunningProgram {
  pid: number
  /** Resident memory in MB, from the kernel. */
  rssMb(): number
  /** Resolves when it has ended, with how it did: a code or a signal, and the end of its output. */
  exited: Promise<string>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Characters of a program's output that are told when it has ended. */
const TOLD_AT_END = 500

/**
 * Starts a node program and resolves when `ready` answers 200; its output is shown only when it fails to start, and
 * appended to the file `log` where one is given.
 */
export async function startProgram(
  args: string[],
  options: { env?: Record<string, string>; ready: string; timeoutMs?: number; log?: string },
): Promise<RunningProgram> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000)
    if (options.log !== undefined) appendFileSync(options.log, chunk)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)

  const deadline = Date.now() + (options.timeoutMs ?? 30_000)
  while (!(await answers(options.ready))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${args.join(' ')} did not start:\n${output}`)
    }
    await delay(20)
  }
  return running(child, () => output)
}

function running(child: ChildProcess, output: () => string): RunningProgram {
  const pid = child.pid ?? 0
  return {
    pid,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    exited: new Promise((resolve) => {
      const tell = () =>
        resolve(`${child.signalCode ?? `code ${child.exitCode}`}: ${output().slice(-TOLD_AT_END)}`)
      if (child.exitCode !== null || child.signalCode !== null) tell()
      else child.once('exit', tell)
    }),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await gone
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
