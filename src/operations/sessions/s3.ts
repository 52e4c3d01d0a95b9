import { setTimeout as sleep } from 'node:timers/promises'
import type { MediaOf } from '../../delivery/preparation.ts'
import type { MediaReference } from '../../delivery/renderer.ts'
import type { MessageEvent } from '../../events/event.ts'
import { textAt } from '../../events/unwrap.ts'
import { ApiError } from '../../lib/errors.ts'
import { LeftAloneError } from '../../lib/flow/circuit-breakers.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { removeFiles } from '../../media/bucket/bucket-retention.ts'
import type { Bucket } from '../../media/bucket/s3.ts'
import type { FiledMessage } from '../../media/bucket/s3-keys.ts'
import type { MessageFiles } from '../../media/message-files.ts'
import type { User } from '../../store/users/users.ts'
import type { Services, UserScope } from '../services.ts'

const REMOVAL_MS = 30_000

/** The user's bucket. Throws `invalid_field` when there is none, or its endpoint is no address. */
export function bucketOf({ user, services }: UserScope): Bucket {
  if (!user.s3.enabled) throw new ApiError('invalid_field', { text: 'S3 is not enabled for this user' })
  try {
    return services.buckets.open(user.s3)
  } catch (cause) {
    const text = `failed to initialize S3 client: ${reason(cause)}`
    throw new ApiError('invalid_field', { text, status: 500 }, { cause })
  }
}

/** Tries to list the user's bucket. Throws `upstream_refused` with the reason when that is not possible. */
export async function testBucket(scope: UserScope): Promise<User['s3']> {
  await bucketOf(scope)
    .check()
    .catch((cause: unknown) => {
      throw new ApiError('upstream_refused', { text: reason(cause) }, { cause })
    })
  return scope.user.s3
}

/** Removes the files of a user that is being deleted from its bucket. What cannot be removed in half a minute stays. */
export async function removeUserFiles(services: Services, user: User): Promise<void> {
  if (!user.s3.enabled) return
  const outOfTime = new AbortController()
  const removal = removeFiles(services.buckets, user, { signal: outOfTime.signal }).catch((error: unknown) =>
    services.log.warn({ err: error, user: user.id }, 'the files of a deleted user could not be removed'),
  )
  await Promise.race([removal, sleep(REMOVAL_MS, undefined, { signal: outOfTime.signal }).catch(() => {})])
  outOfTime.abort()
}

export interface StoredMediaDeps {
  files: MessageFiles
  log: Logger
}

/**
 * Puts the files of events into the buckets of users before they are told of. A file the bucket does not take is
 * missed in its event, which goes out all the same.
 */
export function withBucket(mediaOf: MediaOf, { files, log }: StoredMediaDeps): MediaOf {
  return async (wish, signal) => {
    const { event, user, toStore } = wish
    const media = await mediaOf(wish, signal)
    const content = media?.bytes ?? media?.file
    if (event.type !== 'message' || !toStore || !content) return media
    try {
      const message = filedMessage(event, user, toStore.reference)
      const filed = await files.put(user.s3, message, content, signal)
      return { ...media, s3: { ...filed, fileName: toStore.fileName } }
    } catch (error) {
      // Said once when it began.
      if (!(error instanceof LeftAloneError))
        log.warn({ err: error, user: user.id, message: event.id }, 'a file could not be put into the bucket')
      return media
    }
  }
}

function filedMessage(event: MessageEvent, user: User, { media }: MediaReference): FiledMessage {
  return {
    userId: user.id,
    messageId: event.id,
    timestamp: event.timestamp,
    fromMe: event.fromMe,
    contact: event.isGroup ? event.chat : event.sender,
    mimeType: textAt(media, 'mimetype'),
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
