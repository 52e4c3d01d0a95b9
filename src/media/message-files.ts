import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { S3Settings } from '../store/users.ts'
import type { Buckets } from './s3.ts'
import { S3Error } from './s3.ts'
import { publicAddress } from './s3-address.ts'
import { type FiledMessage, objectKey } from './s3-keys.ts'

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
const INLINE = /^(image\/|video\/|application\/pdf)/

/** Puts the files of messages into the buckets of users; one that was put lately is not put again. */
export class MessageFiles {
  readonly #buckets: Buckets
  readonly #timeZone: string
  readonly #lately = new LRUCache<string, FiledObject>({ max: REMEMBERED, ttl: REMEMBERED_MS })

  constructor(buckets: Buckets, timeZone: string) {
    this.#buckets = buckets
    this.#timeZone = timeZone
  }

  /** Throws S3Error or FetchError when the bucket does not take the file. */
  async put(settings: S3Settings, message: FiledMessage, bytes: Uint8Array): Promise<FiledObject> {
    const key = objectKey(message, this.#timeZone)
    const url = publicAddress(settings, key)
    const known = this.#lately.get(url)
    if (known) return known
    const bucket = this.#buckets.open(settings)
    const file = { bytes, headers: headersOf(settings, message.mimeType) }
    for (let attempt = 1; ; attempt++) {
      try {
        await bucket.put(key, file)
        break
      } catch (error) {
        // What the storage refuses it will refuse again.
        const isFinal = error instanceof S3Error && error.status < 500 && error.status !== 429
        if (isFinal || attempt === ATTEMPTS) throw error
        await sleep(PAUSE_MS)
      }
    }
    const { mimeType } = message
    const filed = { url, key, bucket: settings.bucket, size: bytes.length, mimeType }
    this.#lately.set(url, filed)
    return filed
  }
}

function headersOf({ retentionDays }: S3Settings, mimeType: string): Record<string, string> {
  return {
    'content-type': mimeType,
    'cache-control': 'public, max-age=3600',
    ...(INLINE.test(mimeType) && { 'content-disposition': 'inline' }),
    ...(retentionDays > 0 && { expires: new Date(Date.now() + retentionDays * DAY_MS).toUTCString() }),
  }
}
