import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from './cpu.ts'

/** A program under test, running as a process of its own. */
export interface RunningProgram {
  pid: number
  /** The processes it has started, at this moment. */
  children(): number[]
  /** Resident memory in MB, from the kernel. */
  rssMb(): number
  /** CPU time so far, in milliseconds, all threads. */
  cpuMs(): number
  /** Resolves when it has ended, with how it did: a code or a signal, and the end of its output. */
  exited: Promise<string>
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Sends a message over the channel of a program that was started with one; resolves with the next that comes back. */
  ask(question: string): Promise<unknown>
}

/** Nothing that was started here outlives this process, however that ends, short of kill -9. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Characters of a program's output that are told when it has ended. */
const TOLD_AT_END = 500

export interface ProgramOptions {
  /** The folder it runs in; this one unless another is named. */
  cwd?: string
  env?: Record<string, string>
  /** What answers 200 once it is there. */
  ready: string
  timeoutMs?: number
  /** A file that its output is appended to. */
  log?: string
  /** Whether it has a channel for `ask`. */
  hasChannel?: boolean
  /** The program of Node that it runs with; the one that runs this unless another is named. */
  node?: string
}

/** Starts a node program and resolves when it is ready; its output is shown only when it fails to start. */
export async function startProgram(args: string[], options: ProgramOptions): Promise<RunningProgram> {
  const child = spawn(options.node ?? process.execPath, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', options.hasChannel ? 'ipc' : 'ignore'],
  })
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000)
    if (options.log !== undefined) appendFileSync(options.log, chunk)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)

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
    children: () =>
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    cpuMs: () => cpuMs(pid),
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
    ask: (question) => {
      const answered = new Promise((resolve) => child.once('message', resolve))
      child.send(question)
      return answered
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
