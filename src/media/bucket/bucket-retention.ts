import { cautiousNow } from '../../lib/flow/cautious-now.ts'
import { withDeadline } from '../../lib/flow/with-timeout.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Database } from '../../store/database/database.ts'
import { listUsers, type User } from '../../store/users/users.ts'
import type { Buckets } from './s3.ts'
import { userPrefix } from './s3-keys.ts'

export interface BucketRetentionOptions {
  db: Database
  secrets: Secrets
  log: Logger
  buckets: Buckets
  /** Pause before the first look and between looks. */
  intervalMs?: number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Buckets that are looked through at once, and how long each may take: one that never ends must not keep the others. */
const AT_ONCE = 4
const LONGEST_MS = 10 * 60 * 1000

/** Removes files of users that are older than their retention now and then; the returned function ends it. */
export function startBucketRetention(options: BucketRetentionOptions): () => Promise<void> {
  const stopping = new AbortController()
  const now = cautiousNow()
  let running: Promise<void> | undefined
  const run = () => {
    running ??= prune(options, now(), stopping.signal)
      .catch((error) => options.log.error({ err: error }, 'old files could not be looked for'))
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(run, options.intervalMs ?? 6 * 60 * 60 * 1000)
  timer.unref()
  return async () => {
    stopping.abort()
    clearInterval(timer)
    await running
  }
}

async function prune(options: BucketRetentionOptions, now: number, stopping: AbortSignal): Promise<void> {
  const users = await listUsers(options.db, options.secrets)
  const waiting = users.filter(({ s3 }) => s3.enabled && s3.retentionDays > 0)
  const pruneNext = async () => {
    for (let user = waiting.shift(); user && !stopping.aborted; user = waiting.shift()) {
      await pruneOne(options, user, { now, stopping })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, pruneNext))
}

async function pruneOne(
  { log, buckets }: BucketRetentionOptions,
  user: User,
  { now, stopping }: { now: number; stopping: AbortSignal },
): Promise<void> {
  const before = now - user.s3.retentionDays * DAY_MS
  try {
    const removed = await withDeadline(LONGEST_MS, stopping, (signal) =>
      removeFiles(buckets, user, { before, signal }),
    )
    if (removed > 0) log.info({ user: user.id, removed }, 'old files were removed from the bucket')
  } catch (error) {
    // One user's wrong settings must not keep the files of all others.
    if (!stopping.aborted)
      log.warn({ err: error, user: user.id }, 'old files could not be removed from the bucket')
  }
}

/** Removes the files of a user that were put before an instant (milliseconds); all without one. Tells how many. */
export async function removeFiles(
  buckets: Buckets,
  { id, s3 }: Pick<User, 'id' | 's3'>,
  { before = Number.POSITIVE_INFINITY, signal }: { before?: number; signal?: AbortSignal } = {},
): Promise<number> {
  const bucket = buckets.open(s3, signal)
  let removed = 0
  for await (const objects of bucket.list(userPrefix(id))) {
    if (signal?.aborted) break
    const keys = objects.filter(({ modifiedAt }) => modifiedAt < before).map(({ key }) => key)
    if (keys.length > 0) await bucket.remove(keys)
    removed += keys.length
  }
  return removed
}
