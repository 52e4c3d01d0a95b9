import { ApiError } from '../../lib/errors.ts'
import type { FileInput } from '../../lib/file-input.ts'
import { derivedId, newId } from '../../lib/ids.ts'
import {
  type BulkJob,
  type BulkState,
  changeBulkJob,
  deleteBulkJob,
  getBulkJob,
  insertBulkJob,
  listBulkJobs,
} from '../../store/messages/bulk-jobs.ts'
import {
  type BulkRow,
  type BulkRowState,
  bulkRowStates,
  cancelBulkRows,
  countBulkRows,
  followMessages,
  insertBulkRows,
  listBulkRows,
} from '../../store/messages/bulk-rows.ts'
import type { UserScope } from '../services.ts'
import { type CheckedLine, checkLines, linesOf, readCsv } from './bulk-lines.ts'

export { type BulkRow, bulkRowStates }

const MAX_JOBS = 100
const ROWS_AT_ONCE = 1_000
const ID_LENGTH = 18

/** Messages to many people, as they are given. */
export interface NewBulkJob {
  name: string
  /** With the names of columns in braces; '' where each row has its own text. */
  template: string
  perMinute: number
  perDay: number
  csv?: FileInput
  rows?: Record<string, unknown>[]
}

/** A job and how many of its rows are in which state. */
export interface CountedJob extends BulkJob {
  rows: Partial<Record<BulkRowState, number>>
}

/** A job with the first lines that cannot be sent. */
export interface CheckedJob extends CountedJob {
  faults: Pick<BulkRow, 'line' | 'phone' | 'reason'>[]
}

/**
 * Checks every line and keeps them all; nothing is sent before the job is started. Throws `invalid_field`,
 * `payload_too_large`, or `conflict` for a user that has many jobs.
 */
export async function createBulkJob(scope: UserScope, given: NewBulkJob): Promise<CheckedJob> {
  const { user, services } = scope
  const lines = given.csv === undefined ? linesOf(given.rows ?? []) : await readCsv(given.csv)
  const checked = checkLines(lines, given.template)
  if ((await listBulkJobs(services.db, user.id)).length >= MAX_JOBS)
    throw new ApiError('conflict', { text: `a user may have ${MAX_JOBS} jobs: remove one first` })
  const now = Date.now()
  const { name, perMinute, perDay } = given
  const job: BulkJob = {
    id: newId(),
    userId: user.id,
    name,
    state: 'ready',
    reason: '',
    perMinute,
    perDay,
    failures: 0,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    nextAt: now,
  }
  const rows = checked.map((line) => rowOf(job, line))
  await services.db.transaction(async (trx) => {
    await insertBulkJob(trx, job)
    await insertBulkRows(trx, rows)
  })
  return describe(scope, job)
}

/** The jobs of a user, newest first. */
export async function ownBulkJobs({ user, services }: UserScope): Promise<CountedJob[]> {
  const jobs = await listBulkJobs(services.db, user.id)
  const counts = await countBulkRows(
    services.db,
    jobs.map(({ id }) => id),
  )
  return jobs.map((job) => ({ ...job, rows: counts.get(job.id) ?? {} }))
}

/** A job, with how far its messages got by now. Throws `not_found`. */
export async function ownBulkJob(scope: UserScope, id: string): Promise<CheckedJob> {
  const job = await requireJob(scope, id)
  await followMessages(scope.services.db, { jobId: id, userId: job.userId })
  return describe(scope, job)
}

/**
 * Starts a job. Throws `conflict` for one that was started, while another one of the user runs, and for one with faulty
 * lines unless they are to be left out.
 */
export async function startBulkJob(
  scope: UserScope,
  { id, skipInvalid }: { id: string; skipInvalid: boolean },
): Promise<CheckedJob> {
  const job = await requireJob(scope, id)
  const { rows } = await describe(scope, job)
  if (!skipInvalid && (rows.invalid ?? 0) > 0)
    throw new ApiError('conflict', {
      text: `${rows.invalid} lines cannot be sent: correct the file, or start with skipInvalid`,
    })
  if ((rows.waiting ?? 0) === 0) throw new ApiError('conflict', { text: 'no line of it can be sent' })
  return run(scope, id, ['ready'])
}

/** Pauses a job; a message that is on its way still leaves. Throws `not_found` and `conflict`. */
export async function pauseBulkJob(scope: UserScope, id: string): Promise<CheckedJob> {
  await change(scope, { id, from: ['running'] }, { state: 'paused', reason: '' })
  return ownBulkJob(scope, id)
}

/** Goes on with a job. Throws `not_found` and `conflict`. */
export function resumeBulkJob(scope: UserScope, id: string): Promise<CheckedJob> {
  return run(scope, id, ['paused'])
}

/** Gives up what is left of a job. Throws `not_found` and `conflict`. */
export async function cancelBulkJob(scope: UserScope, id: string): Promise<CheckedJob> {
  const from: BulkState[] = ['ready', 'running', 'paused']
  await change(scope, { id, from }, { state: 'cancelled', reason: '', endedAt: Date.now() })
  await cancelBulkRows(scope.services.db, id)
  return ownBulkJob(scope, id)
}

/** Forgets a job with its report. Throws `not_found`, and `conflict` while it runs. */
export async function removeBulkJob(scope: UserScope, id: string): Promise<void> {
  const { state } = await requireJob(scope, id)
  if (state === 'running')
    throw new ApiError('conflict', { text: 'the job is running: pause or cancel it first' })
  await deleteBulkJob(scope.services.db, id)
}

/** Rows of a job, in the order of its lines. Throws `not_found`. */
export async function ownBulkRows(
  scope: UserScope,
  { id, ...part }: { id: string; state?: BulkRowState; after: number; limit: number },
): Promise<BulkRow[]> {
  const { userId } = await requireJob(scope, id)
  await followMessages(scope.services.db, { jobId: id, userId })
  return listBulkRows(scope.services.db, { jobId: id, ...part })
}

/** All rows of a job as CSV, for a spreadsheet. Throws `not_found`. */
export async function bulkReport(scope: UserScope, id: string): Promise<string> {
  const { db } = scope.services
  const { userId } = await requireJob(scope, id)
  await followMessages(db, { jobId: id, userId })
  const lines = ['line,phone,state,reason,message_id,sent_at']
  for (let after = -1; ; ) {
    const rows = await listBulkRows(db, { jobId: id, after, limit: ROWS_AT_ONCE })
    for (const { line, phone, state, reason, messageId, sentAt } of rows) {
      const at = sentAt === null ? '' : new Date(sentAt).toISOString()
      lines.push([line, phone, state, reason, sentAt === null ? '' : messageId, at].map(cell).join(','))
    }
    const last = rows.at(-1)
    if (!last) return `${lines.join('\r\n')}\r\n`
    after = last.line
  }
}

/** A spreadsheet would compute what begins like a formula. */
function cell(value: string | number): string {
  const text = String(value).replace(/^(?=[=+\-@\t\r])/, "'")
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

async function run(scope: UserScope, id: string, from: BulkState[]): Promise<CheckedJob> {
  const { db, bulk } = scope.services
  const job = await requireJob(scope, id)
  const others = await listBulkJobs(db, job.userId)
  if (others.some((other) => other.state === 'running' && other.id !== id))
    throw new ApiError('conflict', { text: 'another job of this user is running: one at a time' })
  const startedAt = job.startedAt ?? Date.now()
  await change(scope, { id, from }, { state: 'running', reason: '', failures: 0, startedAt })
  bulk.nudge()
  return ownBulkJob(scope, id)
}

async function change(
  scope: UserScope,
  { id, from }: { id: string; from: BulkState[] },
  patch: Parameters<typeof changeBulkJob>[2],
): Promise<void> {
  const { state } = await requireJob(scope, id)
  if (await changeBulkJob(scope.services.db, { id, from }, patch)) return
  throw new ApiError('conflict', { text: `the job is ${state}` })
}

async function requireJob({ user, services }: UserScope, id: string): Promise<BulkJob> {
  const job = await getBulkJob(services.db, { id, userId: user.id })
  if (!job) throw new ApiError('not_found', { text: 'there is no such job' })
  return job
}

const FAULTS_SHOWN = 50

async function describe({ services }: UserScope, job: BulkJob): Promise<CheckedJob> {
  const { db } = services
  const counts = await countBulkRows(db, [job.id])
  const faults = await listBulkRows(db, { jobId: job.id, state: 'invalid', after: -1, limit: FAULTS_SHOWN })
  const rows = counts.get(job.id) ?? {}
  return { ...job, rows, faults: faults.map(({ line, phone, reason }) => ({ line, phone, reason })) }
}

/** The id of its message follows from the row: however often it is sent, it is the same message. */
function rowOf(job: BulkJob, { line, phone, text, mediaUrl, fault }: CheckedLine): BulkRow {
  return {
    jobId: job.id,
    line,
    phone,
    text,
    mediaUrl,
    state: fault === '' ? 'waiting' : 'invalid',
    reason: fault,
    messageId: `3EB0${derivedId(job.id, String(line)).slice(0, ID_LENGTH).toUpperCase()}`,
    attempts: 0,
    sentAt: null,
  }
}
