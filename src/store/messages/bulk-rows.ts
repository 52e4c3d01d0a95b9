import { insertChunked, type Queryable } from '../database/database.ts'

/**
 * `invalid`: a line that cannot be sent; `sending`: being sent, or interrupted while it was; `sent`, `delivered` and `read`
 * as its message got.
 */
export const bulkRowStates = [
  'waiting',
  'invalid',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'cancelled',
] as const
export type BulkRowState = (typeof bulkRowStates)[number]

/** One message of a job. */
export interface BulkRow {
  jobId: string
  /** Of the file, the line with the names of the columns being 1. */
  line: number
  phone: string
  text: string
  /** '' for none. */
  mediaUrl: string
  state: BulkRowState
  /** Why it is invalid or has failed, a sentence; '' otherwise. */
  reason: string
  /** The same however often it is sent. */
  messageId: string
  /** How often it was tried in vain. */
  attempts: number
  /** Unix milliseconds. */
  sentAt: number | null
}

/** The parts that change. */
export type BulkRowPatch = Partial<Pick<BulkRow, 'state' | 'reason' | 'attempts' | 'sentAt'>>

interface BulkRowRow {
  job_id: string
  line: number
  phone: string
  text: string
  media_url: string
  state: BulkRowState
  reason: string
  message_id: string
  attempts: number
  sent_at: number | null
}

type RowName = Pick<BulkRow, 'jobId' | 'line'>

/** Stores the rows of a new job. */
export function insertBulkRows(db: Queryable, rows: BulkRow[]): Promise<void> {
  const all = rows.map(
    ({ jobId: job_id, mediaUrl: media_url, messageId: message_id, sentAt: sent_at, ...row }) => ({
      ...row,
      job_id,
      media_url,
      message_id,
      sent_at,
    }),
  )
  return insertChunked(db, 'bulk_rows', all)
}

/** How many rows of some jobs are in which state. */
export async function countBulkRows(
  db: Queryable,
  jobIds: string[],
): Promise<Map<string, Partial<Record<BulkRowState, number>>>> {
  const rows: { job_id: string; state: BulkRowState; rows: number | string }[] = await db('bulk_rows')
    .whereIn('job_id', jobIds)
    .groupBy('job_id', 'state')
    .select('job_id', 'state')
    .count({ rows: '*' })
  const counts = new Map<string, Partial<Record<BulkRowState, number>>>()
  for (const { job_id: jobId, state, rows: count } of rows)
    counts.set(jobId, { ...counts.get(jobId), [state]: Number(count) })
  return counts
}

/** Rows of a job after a line, in their order; only those in one state where one is named. */
export async function listBulkRows(
  db: Queryable,
  { jobId, state, after, limit }: { jobId: string; state?: BulkRowState; after: number; limit: number },
): Promise<BulkRow[]> {
  const query = db<BulkRowRow>('bulk_rows').where('job_id', jobId).where('line', '>', after)
  const rows = await (state === undefined ? query : query.where({ state })).orderBy('line').limit(limit)
  return rows.map(ofRow)
}

/** The row of a job that comes next: one that was interrupted, else the first that waits. */
export async function nextBulkRow(db: Queryable, jobId: string): Promise<BulkRow | undefined> {
  const first = (state: BulkRowState) =>
    db<BulkRowRow>('bulk_rows').where({ job_id: jobId, state }).orderBy('line').first()
  const row = (await first('sending')) ?? (await first('waiting'))
  return row && ofRow(row)
}

/** Changes a row if it is in one of these states; tells whether it was. */
export async function changeBulkRow(
  db: Queryable,
  { jobId, line, from }: RowName & { from: BulkRowState[] },
  patch: BulkRowPatch,
): Promise<boolean> {
  const { sentAt, ...rest } = patch
  const changed = await db('bulk_rows')
    .where({ job_id: jobId, line })
    .whereIn('state', from)
    .update({ ...rest, ...(sentAt !== undefined && { sent_at: sentAt }) })
  return changed > 0
}

/** Gives up what waits in a job. */
export async function cancelBulkRows(db: Queryable, jobId: string): Promise<void> {
  await db('bulk_rows').where({ job_id: jobId, state: 'waiting' }).update({ state: 'cancelled' })
}

/** When the messages of all jobs of a user since an instant were sent: how many, and the first of the last `limit`. */
export async function sentSince(
  db: Queryable,
  { userId, since, limit }: { userId: string; since: number; limit: number },
): Promise<{ count: number; oldest: number | undefined }> {
  const rows: { sent_at: number }[] = await db('bulk_rows')
    .join('bulk_jobs', 'bulk_jobs.id', 'bulk_rows.job_id')
    .where('bulk_jobs.user_id', userId)
    .where('bulk_rows.sent_at', '>', since)
    .orderBy('bulk_rows.sent_at', 'desc')
    .limit(limit)
    .select('bulk_rows.sent_at')
  return { count: rows.length, oldest: rows.at(-1)?.sent_at }
}

/**
 * Notes at the rows of a job how far their messages got, also that one failed after it was sent. Messages are removed for
 * their age before jobs are. A message is stored under the address that receipts name, which is not always the number: its
 * id is enough, because no other has it.
 */
export async function followMessages(
  db: Queryable,
  { jobId, userId }: { jobId: string; userId: string },
): Promise<void> {
  const message = `from messages m
    where m.user_id = ? and m.id = bulk_rows.message_id
      and m.from_me and m.status in ('delivered', 'read', 'played', 'failed')`
  const newest = 'order by m.at desc limit 1'
  await db.raw(
    `update bulk_rows
        set state = (select case m.status when 'played' then 'read' else m.status end ${message} ${newest}),
            reason = coalesce((select m.failure ${message} ${newest}), '')
      where job_id = ? and state in ('sent', 'delivered')
        and exists (select 1 ${message} and m.status <> bulk_rows.state)`,
    [userId, userId, jobId, userId],
  )
}

function ofRow(row: BulkRowRow): BulkRow {
  return {
    jobId: row.job_id,
    line: row.line,
    phone: row.phone,
    text: row.text,
    mediaUrl: row.media_url,
    state: row.state,
    reason: row.reason,
    messageId: row.message_id,
    attempts: row.attempts,
    sentAt: row.sent_at,
  }
}
