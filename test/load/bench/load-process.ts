import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Jobs, Order, Report } from './load-program.ts'

type Options<Name extends keyof Jobs> = Parameters<Jobs[Name]>[1]
type Outcome<Name extends keyof Jobs> = Awaited<ReturnType<Jobs[Name]>>

/** The process that puts the load on, seen from the one that decides which. */
export class LoadProcess {
  /** Where webhooks are received. */
  readonly url: string
  readonly pid: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.pid = child.pid ?? 0
    this.url = url
  }

  static async start(): Promise<LoadProcess> {
    const child = fork(join(import.meta.dirname, 'load-program.ts'), { execArgv: ['--import', 'tsx'] })
    const report = await nextReport(child)
    if (!('ready' in report)) throw new Error('the load is not ready')
    return new LoadProcess(child, report.ready)
  }

  /** Has one job done. Rejects when it fails, or when the process ends. */
  async run<Name extends keyof Jobs>(name: Name, options: Options<Name>): Promise<Outcome<Name>> {
    const order: Order = { name, options }
    const reported = nextReport(this.#child)
    this.#child.send(order)
    const report = await reported
    if ('failure' in report) throw new Error(`${name}: ${report.failure}`)
    if (!('result' in report)) throw new Error(`${name} had no result`)
    // The result of the function of that name, as it came through the channel: numbers.
    return report.result as Outcome<Name>
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

function nextReport(child: ChildProcess): Promise<Report> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process that puts the load on has ended'))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      // It says nothing else.
      resolve(message as Report)
    })
  })
}
