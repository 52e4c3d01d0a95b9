import type { Queryable } from '../database/database.ts'

/** `ready`: checked, and nothing is sent before somebody starts it; `running` until each row was sent or has failed. */
export type BulkState = 'ready' | 'running' | 'paused' | 'done' | 'cancelled'

/** Messages to many people, sent one after the other at a pace. Instants are Unix milliseconds. */
export interface BulkJob {
  id: string
  userId: string
  name: string
  state: BulkState
  /** Why it has paused by itself; '' otherwise. */
  reason: string
  perMinute: number
  /** Over all jobs of the user, within 24 hours. */
  perDay: number
  /** Rows that failed since one was sent. */
  failures: number
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** When the next row may be sent. */
  nextAt: number
}

/** The parts that change. */
export type BulkJobPatch = Partial<
  Pick<BulkJob, 'state' | 'reason' | 'failures' | 'startedAt' | 'endedAt' | 'nextAt'>
>

interface BulkJobRow {
  id: string
  user_id: string
  name: string
  state: BulkState
  reason: string
  per_minute: number
  per_day: number
  failures: number
  created_at: number
  started_at: number | null
  ended_at: number | null
  next_at: number
}

/** Stores a new job, without its rows. */
export async function insertBulkJob(db: Queryable, job: BulkJob): Promise<void> {
  await db('bulk_jobs').insert({
    id: job.id,
    user_id: job.userId,
    name: job.name,
    per_minute: job.perMinute,
    per_day: job.perDay,
    created_at: job.createdAt,
    ...toRow(job),
  })
}

/** A job of a user. */
export async function getBulkJob(
  db: Queryable,
  { id, userId }: Pick<BulkJob, 'id' | 'userId'>,
): Promise<BulkJob | undefined> {
  const row = await db<BulkJobRow>('bulk_jobs').where({ id, user_id: userId }).first()
  return row && ofRow(row)
}

/** The jobs of a user, newest first. */
export async function listBulkJobs(db: Queryable, userId: string): Promise<BulkJob[]> {
  const rows = await db<BulkJobRow>('bulk_jobs')
    .where('user_id', userId)
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
  return rows.map(ofRow)
}

/** The jobs that run, the one first whose next row is due first. */
export async function listRunningJobs(db: Queryable, limit: number): Promise<BulkJob[]> {
  const rows = await db<BulkJobRow>('bulk_jobs')
    // Written out, so that the index of running jobs is used.
    .whereRaw(`state = 'running'`)
    .orderBy('next_at')
    .limit(limit)
  return rows.map(ofRow)
}

/** The jobs that have been started and have not ended before an instant (milliseconds). */
export async function listRecentBulkJobs(db: Queryable, since: number): Promise<BulkJob[]> {
  const rows = await db<BulkJobRow>('bulk_jobs')
    .whereNotNull('started_at')
    .where((recent) => recent.whereNull('ended_at').orWhere('ended_at', '>', since))
  return rows.map(ofRow)
}

/**
 * Changes a job if it is in one of these states and, with `dueBy`, if its next row may be sent by then; tells whether it
 * was. Of several at the same moment one finds it so.
 */
export async function changeBulkJob(
  db: Queryable,
  { id, from, dueBy }: { id: string; from: BulkState[]; dueBy?: number },
  patch: BulkJobPatch,
): Promise<boolean> {
  const job = db('bulk_jobs').where({ id }).whereIn('state', from)
  const changed = await (dueBy === undefined ? job : job.where('next_at', '<=', dueBy)).update(toRow(patch))
  return changed > 0
}

/** Removes a job with its rows. */
export async function deleteBulkJob(db: Queryable, id: string): Promise<void> {
  await db('bulk_jobs').where({ id }).delete()
}

/** Removes up to `limit` jobs that do not run and were made before an instant (milliseconds); returns how many. */
export function pruneBulkJobs(db: Queryable, before: number, limit = 10): Promise<number> {
  const oldest = db('bulk_jobs')
    .select('id')
    .where('created_at', '<', before)
    .whereNotIn('state', ['running', 'paused'])
    .orderBy('created_at')
    .limit(limit)
  return db('bulk_jobs').whereIn('id', oldest).delete()
}

function ofRow(row: BulkJobRow): BulkJob {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    state: row.state,
    reason: row.reason,
    perMinute: row.per_minute,
    perDay: row.per_day,
    failures: row.failures,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    nextAt: row.next_at,
  }
}

function toRow(patch: BulkJobPatch): Partial<BulkJobRow> {
  const columns: Partial<BulkJobRow> = {
    state: patch.state,
    reason: patch.reason,
    failures: patch.failures,
    started_at: patch.startedAt,
    ended_at: patch.endedAt,
    next_at: patch.nextAt,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}
