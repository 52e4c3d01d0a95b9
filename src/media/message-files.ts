import { setTimeout as sleep } from 'node:timers/promises'
import { BoundedCache } from '../lib/flow/bounded-cache.ts'
import { CircuitBreakers, type Verdict } from '../lib/flow/circuit-breakers.ts'
import { FairPlaces } from '../lib/flow/fair-places.ts'
import { derivedId } from '../lib/ids.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { S3Settings } from '../store/users/users.ts'
import type { BucketFile, Buckets } from './bucket/s3.ts'
import { S3Error } from './bucket/s3.ts'
import { publicAddress } from './bucket/s3-address.ts'
import { type FiledMessage, objectKey } from './bucket/s3-keys.ts'
import { FetchError } from './fetch/safe-fetch.ts'

/** A file in a user's bucket, as receivers are told of it. */
export interface FiledObject {
  url: string
  key: string
  bucket: string
  size: number
  mimeType: string
}

const REMEMBERED = 10_000
const REMEMBERED_MS = 60 * 60 * 1000
const ATTEMPTS = 2
const PAUSE_MS = 1_000
const DAY_MS = 24 * 60 * 60 * 1000
/** Uploads at once: to one bucket, and in total. */
const PER_BUCKET = 4
const UPLOADS = 64
const SLOW_MS = 5_000
/** What may stand in a header; senders declare whatever they like. */
const PLAIN = /^[\x20-\x7e]+$/
const INLINE = /^(image\/|video\/|application\/pdf)/

/**
 * Puts the files of messages into the buckets of users; one that was put lately is not put again. A bucket that fails
 * again and again is left alone for a while.
 */
export class MessageFiles {
  readonly #buckets: Buckets
  readonly #timeZone: string
  readonly #places = new FairPlaces({ total: UPLOADS, perKey: PER_BUCKET, slowMs: SLOW_MS })
  readonly #breakers: CircuitBreakers
  readonly #lately = new BoundedCache<string, FiledObject>({ max: REMEMBERED, ttl: REMEMBERED_MS })

  constructor(buckets: Buckets, { timeZone, log }: { timeZone: string; log: Logger }) {
    this.#buckets = buckets
    this.#timeZone = timeZone
    this.#breakers = new CircuitBreakers({
      log,
      opened: 'a bucket fails and is left alone for a while',
      closed: 'a bucket works again',
    })
  }

  /** Throws S3Error or FetchError when the bucket does not take the file, and LeftAloneError when it was not asked. */
  async put(
    settings: S3Settings,
    message: FiledMessage,
    content: BucketFile['content'],
    signal?: AbortSignal,
  ): Promise<FiledObject> {
    const key = objectKey(message, this.#timeZone)
    const url = publicAddress(settings, key)
    const known = this.#lately.get(url)
    if (known) return known
    const file = { content, headers: headersOf(settings, message.mimeType) }
    const asked = {
      key: bucketKey(settings),
      facts: { user: message.userId, bucket: settings.bucket },
    }
    const release = await this.#places.acquire(asked.key, signal)
    try {
      await this.#breakers.run(asked, () => this.#upload(settings, { key, file, signal }), verdictOn)
    } finally {
      release()
    }
    const { mimeType } = message
    const size = 'path' in content ? content.sizeBytes : content.length
    const filed = { url, key, bucket: settings.bucket, size, mimeType }
    this.#lately.set(url, filed)
    return filed
  }

  async #upload(
    settings: S3Settings,
    { key, file, signal }: { key: string; file: BucketFile; signal?: AbortSignal },
  ): Promise<void> {
    const bucket = this.#buckets.open(settings, signal)
    for (let attempt = 1; ; attempt++) {
      try {
        return await bucket.put(key, file)
      } catch (error) {
        // What the storage refuses it will refuse again, and what took too long will take as long again.
        const isLate = error instanceof FetchError && error.reason === 'timeout'
        if (verdictOn(error) !== 'fault' || isLate || attempt === ATTEMPTS) throw error
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
          throw error
        })
      }
    }
  }
}

/** Whether the bucket is to blame, and not the file, the settings, or whoever had no more time for it. */
function verdictOn(error: unknown): Verdict {
  if (error instanceof S3Error) return error.status >= 500 || error.status === 429 ? 'fault' : 'answer'
  return error instanceof FetchError && error.reason !== 'aborted' ? 'fault' : 'nothing'
}

/** Whoever uses it: changed settings make it another one. */
function bucketKey({ endpoint, region, bucket, accessKey, secretKey, pathStyle }: S3Settings): string {
  return derivedId(endpoint, region, bucket, accessKey, secretKey, String(pathStyle))
}

function headersOf({ retentionDays }: S3Settings, mimeType: string): Record<string, string> {
  return {
    'content-type': PLAIN.test(mimeType) ? mimeType : 'application/octet-stream',
    'cache-control': 'public, max-age=3600',
    ...(INLINE.test(mimeType) && { 'content-disposition': 'inline' }),
    ...(retentionDays > 0 && { expires: new Date(Date.now() + retentionDays * DAY_MS).toUTCString() }),
  }
}
