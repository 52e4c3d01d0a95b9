import { ApiError, type ErrorCode } from '../../lib/errors.ts'
import { PendingTasks } from '../../lib/flow/pending-tasks.ts'
import {
  type BulkJob,
  changeBulkJob,
  listRecentBulkJobs,
  listRunningJobs,
  pruneBulkJobs,
} from '../../store/messages/bulk-jobs.ts'
import {
  type BulkRow,
  changeBulkRow,
  followMessages,
  nextBulkRow,
  sentSince,
} from '../../store/messages/bulk-rows.ts'
import { findProgress } from '../../store/messages/message-progress.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Services } from '../services.ts'
import { sendRow } from './send-row.ts'

/** How often is looked for jobs of sessions that have come to this node, with jobs that run and without. */
const LOOK_MS = 1_000
const IDLE_LOOK_MS = 10_000
/** More sessions than this send for themselves on no node. */
const MAX_JOBS = 5_000
/** When a session that cannot send now is tried again. */
const RETRY_MS = 15_000
/** So often WhatsApp may leave a message unanswered. */
const MAX_ATTEMPTS = 5
/** So many failures in a row are no accident: the account may be restricted, and must not go on. */
const MAX_FAILURES = 10
const DAY_MS = 24 * 60 * 60 * 1000
/** How long after their last message jobs are followed, and until when they are kept. */
const FOLLOWED_MS = 7 * DAY_MS
const KEPT_MS = 90 * DAY_MS
const FOLLOW_MS = 10 * 60 * 1000

/** Failures that say nothing of the message: it is tried again. */
const PASSING: readonly ErrorCode[] = [
  'no_session',
  'not_connected',
  'not_logged_in',
  'lease_lost',
  'rate_limited',
  'upstream_timeout',
  'database',
]

/** All but itself. */
type SenderServices = Omit<Services, 'bulk'>

/** What sends the rows of jobs. */
export interface BulkSender {
  /** A job was started: it begins at once. */
  nudge(): void
  stop(): Promise<void>
}

/**
 * Sends the rows of running jobs, each at its node: where the session is. What was interrupted goes on after the next
 * start: a row that was being sent then is the same message, and is not sent again if it had left.
 */
export function startBulkSender(services: SenderServices): BulkSender {
  const { db, log } = services
  const busy = new Set<string>()
  const tasks = new PendingTasks((error) =>
    log.error({ err: error }, 'a row of a bulk job could not be sent'),
  )
  let isStopping = false
  let timer: NodeJS.Timeout | undefined

  function schedule(ms: number): void {
    if (isStopping) return
    clearTimeout(timer)
    timer = setTimeout(() => tasks.add(look()), ms).unref()
  }

  async function look(): Promise<void> {
    let wait = RETRY_MS
    try {
      const jobs = await listRunningJobs(db, MAX_JOBS)
      wait = jobs.length > 0 ? LOOK_MS : IDLE_LOOK_MS
      const now = Date.now()
      for (const job of jobs) {
        const session = services.sessions.find(job.userId)
        if (isStopping || busy.has(job.id) || !session?.status.loggedIn) continue
        if (job.nextAt > now) wait = Math.min(wait, job.nextAt - now)
        else begin(job, session)
      }
    } finally {
      schedule(wait)
    }
  }

  function begin(job: BulkJob, session: LiveSession): void {
    busy.add(job.id)
    tasks.add(
      sendNext(services, job, session).finally(() => {
        busy.delete(job.id)
        schedule(0)
      }),
    )
  }

  const followTimer = setInterval(() => tasks.add(followJobs(services, () => isStopping)), FOLLOW_MS).unref()
  schedule(0)

  return {
    nudge: () => schedule(0),
    async stop() {
      isStopping = true
      clearTimeout(timer)
      clearInterval(followTimer)
      await tasks.settled()
    },
  }
}

/** Sends one row of a job, or ends the job when there is none. */
async function sendNext(services: SenderServices, job: BulkJob, session: LiveSession): Promise<void> {
  const { db, log } = services
  const now = Date.now()
  const row = await nextBulkRow(db, job.id)
  if (!row) {
    await changeBulkJob(db, { id: job.id, from: ['running'] }, { state: 'done', reason: '', endedAt: now })
    log.info({ session: job.userId, job: job.id }, 'a bulk job is done')
    return
  }
  const { perDay, perMinute, userId } = job
  const today = await sentSince(db, { userId, since: now - DAY_MS, limit: perDay })
  if (today.count >= perDay) {
    const nextAt = (today.oldest ?? now) + DAY_MS
    const reason = `the daily limit of ${perDay} messages is reached`
    await changeBulkJob(db, { id: job.id, from: ['running'] }, { nextAt, reason })
    return
  }
  // Written before the message leaves, so that a restart does not hurry.
  const nextAt = now + Math.ceil(60_000 / perMinute)
  const isOurs = await changeBulkJob(
    db,
    { id: job.id, from: ['running'], dueBy: now },
    { nextAt, reason: '' },
  )
  if (!isOurs) return
  if (row.state === 'sending') {
    if (await isSettled(services, job, row)) return
  } else if (!(await changeBulkRow(db, { ...nameOf(row), from: ['waiting'] }, { state: 'sending' }))) return
  try {
    await sendRow(session, row)
    await noteSent(services, job, { row })
  } catch (error) {
    await noteFailure(services, job, { row, error })
  }
}

/** Whether a row that was interrupted had left already, or had failed; it is marked so. */
async function isSettled(services: SenderServices, job: BulkJob, row: BulkRow): Promise<boolean> {
  const found = await findProgress(services.db, { userId: job.userId, id: row.messageId })
  if (!found || found.status === 'pending' || found.status === 'failed') return false
  await noteSent(services, job, { row, at: found.sentAt ?? found.acceptedAt })
  return true
}

async function noteSent(
  { db }: SenderServices,
  job: BulkJob,
  { row, at = Date.now() }: { row: BulkRow; at?: number },
): Promise<void> {
  await changeBulkRow(db, { ...nameOf(row), from: ['sending'] }, { state: 'sent', reason: '', sentAt: at })
  if (job.failures > 0) await changeBulkJob(db, { id: job.id, from: ['running', 'paused'] }, { failures: 0 })
}

async function noteFailure(
  { db, log }: SenderServices,
  job: BulkJob,
  { row, error }: { row: BulkRow; error: unknown },
): Promise<void> {
  const known = error instanceof ApiError ? error : undefined
  if (!known) log.error({ err: error, session: job.userId, job: job.id }, 'a row of a bulk job failed')
  const attempts = row.attempts + (known?.code === 'upstream_timeout' ? 1 : 0)
  const reason = known?.message ?? 'internal server error'
  if (known && PASSING.includes(known.code) && attempts < MAX_ATTEMPTS) {
    const seconds = known.details.retryAfterSeconds
    await changeBulkRow(db, { ...nameOf(row), from: ['sending'] }, { state: 'waiting', attempts })
    const nextAt = Date.now() + (seconds === undefined ? RETRY_MS : seconds * 1000)
    await changeBulkJob(db, { id: job.id, from: ['running'] }, { nextAt, reason })
    return
  }
  await changeBulkRow(db, { ...nameOf(row), from: ['sending'] }, { state: 'failed', attempts, reason })
  const failures = job.failures + 1
  const isTooMany = failures >= MAX_FAILURES
  await changeBulkJob(
    db,
    { id: job.id, from: ['running'] },
    {
      failures,
      ...(isTooMany && {
        state: 'paused',
        reason: `${failures} messages in a row failed, the last: ${reason}`,
      }),
    },
  )
}

/** Notes how far the messages of the last days got, before they are removed for their age, and forgets old jobs. */
async function followJobs({ db }: SenderServices, isStopping: () => boolean): Promise<void> {
  const now = Date.now()
  for (const { id, userId } of await listRecentBulkJobs(db, now - FOLLOWED_MS)) {
    if (isStopping()) return
    await followMessages(db, { jobId: id, userId })
  }
  while (!isStopping() && (await pruneBulkJobs(db, now - KEPT_MS)) > 0);
}

function nameOf({ jobId, line }: BulkRow) {
  return { jobId, line }
}
