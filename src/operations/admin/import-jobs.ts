import { ApiError } from '../../lib/errors.ts'
import { computeOnce } from '../../lib/flow/compute-once.ts'
import { PendingTasks } from '../../lib/flow/pending-tasks.ts'
import { newIdAt } from '../../lib/ids-of-nodes.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Database } from '../../store/database/database.ts'
import { getUserAnew } from '../../store/users/users.ts'
import type { SourceAccount, SourceServer } from '../../transfer/account.ts'
import type { AccountReport } from '../../transfer/report.ts'
import type { SessionManager } from '../../whatsapp/session/manager.ts'

/**
 * `reading`: everything is converted once, and nothing is written; `ready`: the report is complete; `failed`: it ended
 * before its time, and what was imported until then stays.
 */
export type ImportJobState = 'reading' | 'ready' | 'importing' | 'done' | 'failed'

/** An import from uploaded files, from the upload until everything of it is forgotten. Holds no secret. */
export interface ImportJob {
  /** Names the node that has it, where there are several. */
  readonly id: string
  /** What the users come from. */
  readonly source: string
  state: ImportJobState
  /** How many accounts have been read, or imported. */
  done: number
  /** Of how many. */
  total: number
  /** What becomes of each account, in the order of the source. */
  reports: AccountReport[]
  /** Linked devices that belong to no user. */
  readonly strayDevices: readonly string[]
  /** A sentence; '' unless it failed. */
  failure: string
  /** Until when it is kept, unix milliseconds; null while it works. */
  keptUntil: number | null
}

interface Parts {
  db: Database
  secrets: Secrets
  sessions: Pick<SessionManager, 'connect'>
  log: Logger
  /** '' where there is only one. */
  nodeId: string
  /** How long an import is kept that nobody works with; an hour when left out. */
  keptMs?: number
}

interface Held {
  job: ImportJob
  accounts: SourceAccount[]
  /** Deletes the files. */
  close: () => Promise<void>
  /** Aborted when nobody wants the rest. */
  ended: AbortController
  work: Promise<void>
  expiry: NodeJS.Timeout | undefined
}

/** Somebody reads a long report and comes back; the files hold the keys of accounts and must not lie around for longer. */
const KEPT_MS = 60 * 60_000
/** Each holds its files twice, as uploaded and as copied. The oldest that waits makes room. */
const MAX_JOBS = 4

/** The imports that were begun at this node. They end with the process; what an account has brought by then stays. */
export class ImportJobs {
  readonly #parts: Parts
  readonly #held = new Map<string, Held>()
  readonly #tasks: PendingTasks

  constructor(parts: Parts) {
    this.#parts = parts
    this.#tasks = new PendingTasks((error) => parts.log.error({ err: error }, 'could not end an import'))
  }

  /** Takes a source over and begins to read it. Throws `conflict` when too many are at work. */
  async begin(server: SourceServer): Promise<ImportJob> {
    const close = computeOnce(() => server.close())
    if (!this.#makeRoom()) {
      await close()
      throw conflict('other imports are being read here; try again in a moment')
    }
    const { nodeId } = this.#parts
    const { kind, accounts, strayDevices } = server
    const job: ImportJob = {
      id: newIdAt(nodeId),
      source: kind,
      state: 'reading',
      done: 0,
      total: accounts.length,
      reports: [],
      strayDevices,
      failure: '',
      keptUntil: null,
    }
    const held: Held = {
      job,
      accounts,
      close,
      ended: new AbortController(),
      work: Promise.resolve(),
      expiry: undefined,
    }
    this.#held.set(job.id, held)
    this.#work(held, () => this.#read(held))
    return job
  }

  /** Throws `not_found`. */
  find(id: string): ImportJob {
    return this.#heldOf(id).job
  }

  /**
   * Begins to import the accounts of these ids, or all. Throws `conflict` unless the job is ready and no other one of this
   * node imports, `invalid_field` for accounts that it does not have, and `not_found`.
   */
  run(id: string, userIds: string[] | undefined): ImportJob {
    const held = this.#heldOf(id)
    const { job } = held
    if (job.state !== 'ready') throw conflict(`this import cannot begin: it is ${job.state}`)
    if ([...this.#held.values()].some((other) => other.job.state === 'importing'))
      throw conflict('another import is at work; wait for its end')
    const accounts = chosenAccounts(held, userIds)
    Object.assign(job, { state: 'importing', done: 0, total: accounts.length })
    this.#work(held, () => this.#import(held, accounts))
    return job
  }

  /** Ends it and deletes its files. Throws `conflict` while it imports, and `not_found`. */
  cancel(id: string): void {
    const held = this.#heldOf(id)
    if (held.job.state === 'importing') throw conflict('this import is at work; wait for its end')
    this.#drop(held)
  }

  /** Ends all of them after the account at hand; resolves when their files are deleted. */
  async stop(): Promise<void> {
    for (const held of this.#held.values()) this.#drop(held)
    await this.#tasks.settled()
  }

  #heldOf(id: string): Held {
    const held = this.#held.get(id)
    if (!held)
      throw new ApiError('not_found', {
        text: 'this import is over and its files are deleted; upload them again',
      })
    return held
  }

  #makeRoom(): boolean {
    if (this.#held.size < MAX_JOBS) return true
    const waiting = [...this.#held.values()].find(({ job }) => job.keptUntil !== null)
    if (waiting) this.#drop(waiting)
    return waiting !== undefined
  }

  #drop(held: Held): void {
    this.#held.delete(held.job.id)
    clearTimeout(held.expiry)
    held.ended.abort()
    this.#tasks.add(held.work.then(() => held.close()))
  }

  /** Never lets work fail: what is wrong becomes part of the job. */
  #work(held: Held, work: () => Promise<void>): void {
    clearTimeout(held.expiry)
    held.job.keptUntil = null
    held.work = work()
      .catch((error: unknown) => this.#fail(held, error))
      .then(() => {
        if (held.ended.signal.aborted) return
        const { keptMs = KEPT_MS } = this.#parts
        held.job.keptUntil = Date.now() + keptMs
        held.expiry = setTimeout(() => this.#drop(held), keptMs).unref()
      })
    this.#tasks.add(held.work)
  }

  async #read({ job, accounts, ended }: Held): Promise<void> {
    for (const account of accounts) {
      if (ended.signal.aborted) return
      job.reports.push(await this.#take(job, account, { isTrial: true }))
      job.done += 1
    }
    job.state = 'ready'
  }

  async #import({ job, ended, close }: Held, accounts: SourceAccount[]): Promise<void> {
    for (const account of accounts) {
      if (ended.signal.aborted) return
      const report = await this.#take(job, account, { isTrial: false })
      job.reports = job.reports.map((one) => (one.id === report.id ? report : one))
      job.done += 1
      if (report.outcome === 'imported') await this.#connect(report.id)
    }
    await close()
    job.state = 'done'
    this.#parts.log.info({ import: job.id, source: job.source, users: job.done }, 'imported users')
  }

  async #take(
    job: ImportJob,
    account: SourceAccount,
    { isTrial }: { isTrial: boolean },
  ): Promise<AccountReport> {
    const { importAccount } = await import('../../transfer/import-account.ts')
    return importAccount(this.#parts, account, { source: job.source, isTrial, connects: true })
  }

  /** Connects a user that was connected at the source. It is stored as wanted, so that nothing is lost if that fails. */
  async #connect(userId: string): Promise<void> {
    const { db, secrets, sessions, log } = this.#parts
    const user = await getUserAnew(db, secrets, userId)
    if (!user?.wanted) return
    await sessions.connect(user).catch((error: unknown) => {
      // Another node was faster, or somebody has deleted it already.
      if (!(error instanceof ApiError)) throw error
      log.info({ err: error, session: userId }, 'an imported account is not connected here')
    })
  }

  async #fail({ job, close }: Held, error: unknown): Promise<void> {
    this.#parts.log.error({ err: error, import: job.id }, 'an import failed')
    job.failure =
      job.state === 'importing'
        ? `it stopped after ${job.done} of ${job.total} users, which stay; the log of the server says why`
        : 'the files could not be read to their end; the log of the server says why'
    job.state = 'failed'
    await close()
  }
}

/** Refuses what the source does not have, and to begin without anybody. */
function chosenAccounts({ accounts, job }: Held, userIds: string[] | undefined): SourceAccount[] {
  const ready = new Set(job.reports.filter(({ outcome }) => outcome === 'ready').map(({ id }) => id))
  const wanted = new Set(userIds ?? ready)
  const unknown = [...wanted].find((id) => !accounts.some(({ user }) => user.id === id))
  if (unknown !== undefined)
    throw new ApiError('invalid_field', { text: `the old server has no user ${unknown}` })
  if (wanted.size === 0) throw new ApiError('invalid_field', { text: 'there is no user to import' })
  return accounts.filter(({ user }) => wanted.has(user.id))
}

function conflict(text: string): ApiError {
  return new ApiError('conflict', { text })
}
