import { join } from 'node:path'
import { type Sandbox, startSandbox } from '../bench-parts.ts'
import { call } from '../client.ts'
import type { Build } from './builds.ts'
import { type Databases, openDatabases } from './databases.ts'
import { LoadProcess } from './load-process.ts'
import { Subject, type SubjectOptions } from './subject.ts'

export interface StageOptions {
  /** An empty folder for the run. */
  folder: string
  /** `sqlite`, `postgres`, or the address of a server of PostgreSQL. */
  database: string
  /** How long each rate is held. */
  seconds: number
  /** Sessions of the measures of memory. */
  idleSessions: number
  /** The part of a core that each process gets where several are compared with one; 1 leaves them alone. */
  share: number
  progress: (line: string) => void
}

/** Sessions that most measures have. */
export const SESSIONS = 20
/** Each build has phones of its own for each purpose. */
const PHONES_EACH = 1_000
const WARM_UP_SECONDS = 3
/** In each of these seconds. */
const WARM_UP_MESSAGES = 100
/** Other programs of the bench use the numbers below. */
const FIRST_INDEX = 100_000

/** Everybody writes to these people, who never answer. */
export const CONTACTS = ['447911000000', '447911000001', '447911000002', '447911000003', '447911000004']
/** One for each session, who answers every text at once. */
export const ECHOES = Array.from(
  { length: SESSIONS },
  (_, index) => `4479111000${String(index).padStart(2, '0')}`,
)

/** The processes around the servers under test, and these by build and purpose. */
export class Stage {
  readonly options: StageOptions
  readonly sandbox: Sandbox
  readonly load: LoadProcess
  readonly #databases: Databases | undefined
  readonly #subjects = new Map<string, Promise<Subject>>()

  private constructor(
    options: StageOptions,
    { sandbox, load, databases }: { sandbox: Sandbox; load: LoadProcess; databases: Databases | undefined },
  ) {
    this.options = options
    this.sandbox = sandbox
    this.load = load
    this.#databases = databases
  }

  static async open(options: StageOptions): Promise<Stage> {
    options.progress('starting the simulated network and the load')
    const databases = options.database === 'sqlite' ? undefined : await openDatabases(options.database)
    const sandbox = await startSandbox()
    const load = await LoadProcess.start()
    const people = [
      ...CONTACTS.map((phone) => ({ phone, name: 'Contact', autoReply: false })),
      ...ECHOES.map((phone) => ({ phone, name: 'Echo', autoReply: '{text} in' })),
    ]
    for (const body of people) await call(`${sandbox.control}/sandbox/contacts`, { body })
    return new Stage(options, { sandbox, load, databases })
  }

  /** Port of the simulated network's controls. */
  get control(): number {
    return Number(new URL(this.sandbox.control).port)
  }

  /** A server of that build that nothing but this purpose uses; not started yet when it is asked for the first time. */
  subject(build: Build, purpose: string, env?: Record<string, string>): Promise<Subject> {
    const key = `${build.name}-${purpose}`
    const known = this.#subjects.get(key) ?? this.#create(key, { build, env })
    this.#subjects.set(key, known)
    return known
  }

  /** The server of that build with the usual sessions, running. */
  async usual(build: Build): Promise<Subject> {
    const subject = await this.subject(build, 'usual')
    if (subject.isRunning) return subject
    if (subject.size === 0) this.options.progress(`${build.name}: linking ${SESSIONS} phones`)
    await subject.start()
    await subject.link(SESSIONS)
    await subject.allOpen()
    await this.#warmUp(subject)
    return subject
  }

  /** What is compiled while it runs is compiled, for texts and for messages, before anything is measured. */
  async #warmUp(subject: Subject): Promise<void> {
    const target = subject.target()
    await this.load.run('texts', { target, contacts: CONTACTS, seconds: WARM_UP_SECONDS })
    const count = WARM_UP_SECONDS * WARM_UP_MESSAGES
    await this.load.run('flood', { target, control: this.control, contacts: CONTACTS, count })
  }

  async close(): Promise<void> {
    for (const subject of await Promise.all(this.#subjects.values())) await subject.stop('SIGKILL')
    this.load.stop()
    await this.sandbox.program.stop('SIGKILL')
    await this.#databases?.stop()
  }

  async #create(key: string, options: Pick<SubjectOptions, 'build' | 'env'>): Promise<Subject> {
    const firstIndex = FIRST_INDEX + this.#subjects.size * PHONES_EACH
    return Subject.create({
      ...options,
      folder: join(this.options.folder, key),
      databaseUrl: await this.#databases?.create(),
      surroundings: {
        wsUrl: this.sandbox.wsUrl,
        control: this.sandbox.control,
        webhook: this.load.url,
      },
      firstIndex,
    })
  }
}
