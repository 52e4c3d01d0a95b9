import { createHash } from 'node:crypto'
import { redactedStart } from '../../lib/secrets/redact.ts'
import type { S3Settings } from '../../store/users/users.ts'
import type { Networks } from '../fetch/address-rules.ts'
import { type Agents, openAgents, safeFetch } from '../fetch/safe-fetch.ts'
import { filePieces, hashBody, type StreamedBody } from '../fetch/streamed-body.ts'
import { bucketAddress, objectAddress } from './s3-address.ts'
import { element, elements } from './xml.ts'

/** The storage answered, but not as it should: `code` is its own word (`AccessDenied`), or the HTTP status. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message ? `${code}: ${message}` : code)
    this.status = status
    this.code = code
  }
}

export interface StoredObject {
  key: string
  /** Unix milliseconds. */
  modifiedAt: number
}

/** What is put into a bucket; what is on disk is never in memory as a whole. */
export interface BucketFile {
  content: Uint8Array | { path: string; sizeBytes: number }
  headers: Record<string, string>
}

/** A user's bucket. All methods throw S3Error or FetchError, and UnreadableBodyError for a file that is gone. */
export interface Bucket {
  put(key: string, file: BucketFile): Promise<void>
  /** The objects whose key begins with `prefix`, page by page of a thousand at most. */
  list(prefix: string, pageSize?: number): AsyncGenerator<StoredObject[]>
  /** Removes up to a thousand objects; those that are gone already do not matter. */
  remove(keys: string[]): Promise<void>
  /** Lists one object at most, to see whether the settings are right. */
  check(): Promise<void>
}

const DEFAULT_REGION = 'us-east-1'
const CHECK_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 120_000
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024
/** What is read of an answer that is a failure, and kept of what it says: whoever runs the storage writes both. */
const FAILURE_LENGTH = 16 * 1024
const TOLD_LENGTH = 500
/** Objects of one page, and of one request that removes some. */
const PAGE_SIZE = 1000

/** What requests about buckets travel with. */
interface Transport {
  agents: Agents
  /** How long a bucket may neither take nor send anything. */
  stallMs: number
  /** Ends what is asked. */
  signal?: AbortSignal
}

/** Opens the buckets of users; all share connections, which follow the rule about networks of webhooks. */
export class Buckets {
  readonly #agents: Agents
  readonly #stallMs: number

  constructor({ networks, stallMs = 10_000 }: { networks: Networks; stallMs?: number }) {
    this.#agents = openAgents({ networks })
    this.#stallMs = stallMs
  }

  /** Throws FetchError when the endpoint is no address. Nothing is asked yet, and nothing more once `signal` aborts. */
  open(settings: S3Settings, signal?: AbortSignal): Bucket {
    return new SignedBucket(settings, { agents: this.#agents, stallMs: this.#stallMs, signal })
  }

  close(): void {
    this.#agents.close()
  }
}

interface Call {
  method: 'GET' | 'PUT' | 'POST'
  url: URL
  body?: Uint8Array | StreamedBody
  headers?: Record<string, string>
  timeoutMs?: number
}

class SignedBucket implements Bucket {
  readonly #settings: S3Settings
  readonly #transport: Transport
  readonly #address: URL

  constructor(settings: S3Settings, transport: Transport) {
    this.#settings = settings
    this.#transport = transport
    this.#address = bucketAddress(settings)
  }

  async put(key: string, { content, headers }: BucketFile): Promise<void> {
    const url = objectAddress(this.#address, key)
    const body =
      'path' in content ? { sizeBytes: content.sizeBytes, pieces: () => filePieces(content) } : content
    const call: Call = { method: 'PUT', url, body, headers }
    try {
      await this.#ask({ ...call, headers: { ...headers, 'x-amz-acl': 'public-read' } })
    } catch (error) {
      if (!isWithoutAcls(error)) throw error
      await this.#ask(call)
    }
  }

  async *list(prefix: string, pageSize = PAGE_SIZE): AsyncGenerator<StoredObject[]> {
    const query = { prefix, 'max-keys': String(pageSize) }
    let token = ''
    do {
      const answer = await this.#list({ ...query, ...(token && { 'continuation-token': token }) })
      yield* pagesOf(answer)
      token = element(answer, 'NextContinuationToken')
    } while (token)
  }

  async remove(keys: string[]): Promise<void> {
    const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join('')
    const body = Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`)
    const url = new URL(this.#address)
    url.searchParams.set('delete', '')
    const answer = await this.#ask({
      method: 'POST',
      url,
      body,
      // The protocol demands a checksum here.
      headers: {
        'content-type': 'application/xml',
        'content-md5': createHash('md5').update(body).digest('base64'),
      },
    })
    const [failed] = elements(answer, 'Error')
    if (failed) throw this.#failure(200, failed)
  }

  async check(): Promise<void> {
    await this.#list({ 'max-keys': '1' }, CHECK_TIMEOUT_MS)
  }

  #list(query: Record<string, string>, timeoutMs?: number): Promise<string> {
    const url = new URL(this.#address)
    url.search = new URLSearchParams({ 'list-type': '2', ...query }).toString()
    return this.#ask({ method: 'GET', url, timeoutMs })
  }

  async #ask({ method, url, body, headers, timeoutMs = REQUEST_TIMEOUT_MS }: Call): Promise<string> {
    const { accessKey, secretKey, region } = this.#settings
    const hash = createHash('sha256')
    await hashBody(body ?? '', [hash])
    const { AwsV4Signer } = await import('aws4fetch')
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: {
        ...headers,
        'x-amz-content-sha256': hash.digest('hex'),
      },
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: 's3',
      region: region || DEFAULT_REGION,
    }).sign()
    const answer = await safeFetch(signed.url.href, {
      method,
      body,
      headers: Object.fromEntries(signed.headers),
      ...this.#transport,
      timeoutMs,
      maxBytes: LONGEST_ANSWER_BYTES,
      maxRedirects: 0,
    })
    const isDone = answer.status >= 200 && answer.status < 300
    if (isDone) return answer.body.toString('utf8')
    throw this.#failure(answer.status, answer.body.toString('utf8', 0, FAILURE_LENGTH))
  }

  // Storages name the key that they refuse, and the sentence ends in logs and answers.
  #failure(status: number, answer: string): S3Error {
    const { accessKey, secretKey } = this.#settings
    const beginning = answer.slice(0, FAILURE_LENGTH)
    const told = (name: string) =>
      redactedStart(element(beginning, name), [accessKey, secretKey], TOLD_LENGTH)
    return new S3Error(status, told('Code') || `HTTP ${status}`, told('Message'))
  }
}

/** The objects of an answer, in pages that can be removed at once even if it names more than it was asked for. */
function* pagesOf(answer: string): Generator<StoredObject[]> {
  let page: StoredObject[] = []
  for (const found of elements(answer, 'Contents')) {
    if (page.length === PAGE_SIZE) {
      yield page
      page = []
    }
    page.push({ key: element(found, 'Key'), modifiedAt: Date.parse(element(found, 'LastModified')) })
  }
  yield page
}

// Newer buckets of Amazon have no access lists: whether objects are public is then the bucket's own business.
function isWithoutAcls(error: unknown): boolean {
  return error instanceof S3Error && ['AccessControlListNotSupported', 'NotImplemented'].includes(error.code)
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
