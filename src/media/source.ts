import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { ApiError } from '../lib/errors.ts'
import {
  type BareBase64,
  type FileInput,
  isBareBase64,
  isLongText,
  isUpload,
  type LongText,
} from '../lib/file-input.ts'
import { isHttpUrl } from '../lib/text/http-url.ts'
import { DataUrlError, type DataUrlHead, decodeDataUrl, parseDataUrlHead } from './data-url.ts'
import { type Agents, FetchError, safeFetch } from './fetch/safe-fetch.ts'
import { HEAD_BYTES, readHead } from './file-head.ts'
import type { Scratch } from './scratch.ts'

/** A file to be sent, on disk. */
export interface MediaFile {
  path: string
  sizeBytes: number
  /** Its first bytes, enough to tell its type. */
  head: Buffer
  /** The type its source declares: of a data URL without parameters, of an HTTP answer or a form as it stands; '' = none. */
  declaredType: string
}

export interface SourceOptions {
  scratch: Scratch
  /** Largest file fetched from an address. What is inside the request is bounded by the size of the request. */
  maxBytes: number
  /** Connections that addresses are fetched through; without them public networks only. */
  agents?: Agents
}

const FETCH_TIMEOUT_MS = 60_000
// Some hosts give files to the preview fetchers of messengers only.
const USER_AGENT = 'WhatsApp/2.24.1 N'

const BARE: DataUrlHead = { mediaType: '', isBase64: true, length: 0 }

/**
 * Puts a file that a caller gives onto the disk. Throws `invalid_field` in the stage `decode` for what cannot be decoded,
 * and `media_unavailable` in the stage `fetch` for an address that cannot be fetched, both with the original's words;
 * `invalid_field` for a file of no bytes, which no phone opens.
 */
export async function openSource(given: FileInput | BareBase64, options: SourceOptions): Promise<MediaFile> {
  const file = await openAny(given, options)
  if (file.sizeBytes === 0) throw new ApiError('invalid_field', { stage: 'empty', text: 'the file is empty' })
  return file
}

async function openAny(given: FileInput | BareBase64, options: SourceOptions): Promise<MediaFile> {
  if (!isBareBase64(given)) {
    if (isUpload(given)) return uploaded(given.path, given.sizeBytes, given.mimeType)
    if (typeof given === 'string' && isHttpUrl(given)) return fetched(given, options)
  }
  try {
    if (isBareBase64(given)) return await decoded(given.base64, BARE, options.scratch)
    return await decoded(given, parseDataUrlHead(isLongText(given) ? given.head : given), options.scratch)
  } catch (cause) {
    if (!(cause instanceof DataUrlError)) throw cause
    throw new ApiError('invalid_field', { stage: 'decode', text: cause.message }, { cause })
  }
}

/** A file that was written here. */
export async function fileAt(path: string, declaredType: string): Promise<MediaFile> {
  return uploaded(path, (await stat(path)).size, declaredType)
}

async function uploaded(path: string, sizeBytes: number, declaredType: string): Promise<MediaFile> {
  return { path, sizeBytes, head: await readHead(path), declaredType }
}

async function decoded(given: string | LongText, head: DataUrlHead, scratch: Scratch): Promise<MediaFile> {
  const pieces = isLongText(given)
    ? createReadStream(given.path, { start: head.length, highWaterMark: 256 * 1024 })
    : once(Buffer.from(given.slice(head.length)))
  return written(scratch.newPath(), head.mediaType, async (write) => {
    for await (const piece of decodeDataUrl(head, pieces)) await write(piece)
  })
}

async function* once(piece: Buffer): AsyncGenerator<Buffer> {
  yield piece
}

async function fetched(address: string, { scratch, maxBytes, agents }: SourceOptions): Promise<MediaFile> {
  let declaredType = ''
  const file = await written(scratch.newPath(), '', async (write) => {
    const answer = await safeFetch(address, {
      agents,
      maxBytes,
      timeoutMs: FETCH_TIMEOUT_MS,
      maxRedirects: 10,
      headers: { 'user-agent': USER_AGENT },
      sink: write,
    }).catch((cause: unknown) => {
      throw fetchFailure(cause, address, maxBytes)
    })
    if (answer.status < 200 || answer.status > 299)
      throw unavailable(`unexpected status code ${answer.status}`)
    declaredType = answer.headers['content-type'] ?? ''
  })
  return { ...file, declaredType }
}

async function written(
  path: string,
  declaredType: string,
  fill: (write: (piece: Buffer) => Promise<void>) => Promise<void>,
): Promise<MediaFile> {
  const handle = await open(path, 'wx', 0o600)
  let sizeBytes = 0
  let head = Buffer.alloc(0)
  try {
    await fill(async (piece) => {
      if (head.length < HEAD_BYTES)
        head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES)]).subarray(0, HEAD_BYTES)
      sizeBytes += piece.length
      await handle.writeFile(piece)
    })
  } finally {
    await handle.close()
  }
  return { path, sizeBytes, head, declaredType }
}

/** The words are those of Go's HTTP client, which programs look for. */
function fetchFailure(cause: unknown, address: string, maxBytes: number): unknown {
  if (!(cause instanceof FetchError)) return cause
  const get = `Get ${JSON.stringify(address)}: `
  switch (cause.reason) {
    case 'too_large':
      return unavailable(`response exceeds allowed size (${maxBytes} bytes)`, cause)
    case 'forbidden_address':
      return unavailable(`${get}${ssrf(cause.host)}`, cause)
    case 'too_many_redirects':
      return unavailable(`${get}stopped after 10 redirects`, cause)
    case 'timeout':
      return unavailable(`${get}context deadline exceeded (Client.Timeout or context cancellation)`, cause)
    default:
      return unavailable(`${get}${cause.message}`, cause)
  }
}

function ssrf(host = ''): string {
  return `ssrf attempt detected: host '${host}' resolves to one or more private IP addresses`
}

function unavailable(text: string, cause?: unknown): ApiError {
  return new ApiError('media_unavailable', { stage: 'fetch', text }, { cause })
}
