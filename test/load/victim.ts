import type { RunningProgram } from './processes.ts'
import type { Uptime } from './witnesses/lag.ts'

/** A server that is killed on purpose, and that must never end in any other way. */
export class Victim {
  /** When it was there; the last one goes on while it is up. */
  readonly uptimes: Uptime[] = []
  /** How it ended although nobody had killed it. */
  readonly deaths: string[] = []
  kills = 0
  readonly #start: () => Promise<RunningProgram>
  readonly #killed = new Set<RunningProgram>()
  #program: Promise<RunningProgram>

  private constructor(start: () => Promise<RunningProgram>) {
    this.#start = start
    this.#program = this.#watched()
  }

  static async start(start: () => Promise<RunningProgram>): Promise<Victim> {
    const victim = new Victim(start)
    await victim.#program
    return victim
  }

  /** Kills it and starts it again. Rejects when it does not start. */
  async restart(): Promise<void> {
    await this.stop()
    this.kills++
    this.#program = this.#watched()
    await this.#program
  }

  /** Kills it for good. */
  async stop(): Promise<void> {
    const program = await this.#program
    this.#killed.add(program)
    await program.stop('SIGKILL')
  }

  async #watched(): Promise<RunningProgram> {
    const program = await this.#start()
    const uptime = { from: Date.now(), until: Number.POSITIVE_INFINITY }
    this.uptimes.push(uptime)
    void program.exited.then((how) => {
      uptime.until = Date.now()
      if (this.#killed.delete(program)) return
      this.deaths.push(how)
      this.#program = this.#watched()
      // Whoever kills it next hears that it did not come back.
      this.#program.catch(() => {})
    })
    return program
  }
}
