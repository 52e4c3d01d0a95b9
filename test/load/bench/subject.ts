import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { freePort } from '../../helpers/free-port.ts'
import { ADMIN_TOKEN, link, phoneOf, range, START_MS, serverSettings, tokenOf } from '../bench-parts.ts'
import { call, until, WuzapiClient } from '../client.ts'
import { type RunningProgram, startProgram } from '../processes.ts'
import type { Build } from './builds.ts'
import type { Target } from './job.ts'

/** What servers under test have in common. */
export interface Surroundings {
  /** The simulated network: where clients connect, and its controls. */
  wsUrl: string
  control: string
  /** Where webhooks go. */
  webhook: string
}

export interface SubjectOptions {
  build: Build
  /** A new folder for its data. */
  folder: string
  databaseUrl: string | undefined
  surroundings: Surroundings
  /** Of its first phone; every subject has numbers of its own, on the one network. */
  firstIndex: number
  env?: Record<string, string>
}

interface StartOptions {
  /** Counts statements and tells live memory: `ask('counts')`, `ask('heap')`. It is slower for it. */
  isProbed?: boolean
  env?: Record<string, string>
}

const OPEN_MS = 300_000
const PROBE = pathToFileURL(join(import.meta.dirname, 'probe.mjs')).href

/** A build with data of its own that can be started again and again. */
export class Subject {
  readonly options: SubjectOptions
  readonly client: WuzapiClient
  readonly #port: number
  #program: RunningProgram | undefined
  #linked = 0

  private constructor(options: SubjectOptions, port: number) {
    this.options = options
    this.#port = port
    this.client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  }

  static async create(options: SubjectOptions): Promise<Subject> {
    await mkdir(options.folder, { recursive: true })
    return new Subject(options, await freePort())
  }

  /** Another server on the same data: a second node, for a database that several may share. */
  async node(folder: string): Promise<Subject> {
    const node = await Subject.create({ ...this.options, folder })
    node.#linked = this.#linked
    return node
  }

  get program(): RunningProgram {
    if (!this.#program) throw new Error(`${this.options.build.name} does not run`)
    return this.#program
  }

  get isRunning(): boolean {
    return this.#program !== undefined
  }

  /** How many phones are linked. */
  get size(): number {
    return this.#linked
  }

  /** Its sessions, all or the first ones, as a job wants them. */
  target(sessions = this.#linked): Target {
    const { firstIndex } = this.options
    return {
      ports: [this.#port],
      pids: [this.program.pid, ...this.program.children()],
      sessions: range(firstIndex, firstIndex + sessions).map((index) => ({
        token: tokenOf(index),
        phone: phoneOf(index),
      })),
    }
  }

  /** Starts it; resolves when it says that it is healthy. */
  async start({ isProbed = false, env = {} }: StartOptions = {}): Promise<void> {
    const { build, surroundings, env: own } = this.options
    const options = [...build.nodeOptions, ...(isProbed ? ['--expose-gc', '--import', PROBE] : [])]
    this.#program = await startProgram([...options, 'dist/src/main.js'], {
      cwd: build.folder,
      node: build.node,
      ready: `${this.client.base}/health`,
      timeoutMs: START_MS,
      hasChannel: isProbed,
      env: {
        NODE_ENV: 'production',
        ...serverSettings(this.options, { port: this.#port, wsUrl: surroundings.wsUrl }),
        ...own,
        ...env,
      },
    })
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#program?.stop(signal)
    this.#program = undefined
  }

  /** Links phones until there are so many, whose users have a webhook for messages. */
  async link(count: number): Promise<void> {
    const { firstIndex, surroundings } = this.options
    const indexes = range(firstIndex + this.#linked, firstIndex + count)
    await link(this.client, surroundings.control, indexes, surroundings.webhook)
    this.#linked = Math.max(count, this.#linked)
  }

  /** Resolves when all its sessions are open. */
  async allOpen(): Promise<void> {
    await until('sessions to be open', async () => (await this.client.loggedIn()) >= this.#linked, OPEN_MS)
  }

  /** What the first users are told by webhook from now on. */
  async subscribe(count: number, events: string[]): Promise<void> {
    const { surroundings } = this.options
    for (const { token } of this.target(count).sessions)
      await call(`${this.client.base}/webhook`, {
        headers: { token },
        body: { WebhookURL: surroundings.webhook, events },
      })
  }
}
