import { rm } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Writable } from 'node:stream'
import type { Request } from 'express'
import { ApiError } from '../../lib/errors.ts'
import { errorCode } from '../../lib/process/installation-error.ts'
import { scratchFolder } from '../../lib/process/scratch-folder.ts'
import { received } from '../endpoint/fields.ts'
import { onlyJson } from '../endpoint/first-json.ts'
import { type BodyReader, ClientGone, payloadTooLarge } from './body.ts'

const MAX_TEXTS = 100
const MAX_TEXT_BYTES = 1024 * 1024

/** A form that was received. */
export interface Form {
  /** Texts and uploads by their names. */
  values: Record<string, unknown>
  /** Deletes the uploaded files. */
  discard(): Promise<void>
}

/** The fields an endpoint takes besides plain texts. */
export interface FormFields {
  files: string[]
  /** Those written as JSON: `true`, `7`, `{"StanzaId":"…"}`. */
  json: string[]
  /** The limit of all texts together. */
  jsonBytes: number
  /** The limit of each file. */
  maxBytes: number
}

/** Whether a request says that its body is a form with files. */
export function isMultipart(request: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
}

/**
 * Reads a form; the files it may have, one of each name, go to disk as they arrive. Throws what `BodyReader.receive`
 * throws, and `invalid_payload` for a form that is none, holds other files, or gives structure to its names (`a[b]`).
 */
export async function readForm(
  bodies: BodyReader,
  { request, response, ...fields }: { request: IncomingMessage; response: ServerResponse } & FormFields,
): Promise<Form> {
  const body = new FormBody(request)
  const failing = new AbortController()
  // All of it before the body is read: what fails meanwhile has to find the parser listening.
  const { default: multer } = await import('multer')
  const parsing = parse(body, fields, { multer, dest: await scratchFolder() }).catch((error: unknown) => {
    failing.abort(error)
    throw error
  })
  const receiving = bodies
    .receive(request, response, { take: (piece) => body.fill(piece), signal: failing.signal })
    .then(
      () => void body.end(),
      (error) => void body.destroy(error),
    )
  const [parsed] = await Promise.allSettled([parsing, receiving])
  if (parsed.status === 'rejected') throw refusal(parsed.reason)
  return parsed.value
}

/** The body of a form as the parser reads it; it can be ended while the request goes on. */
class FormBody extends PassThrough {
  readonly headers: IncomingHttpHeaders

  constructor({ headers }: IncomingMessage) {
    super()
    this.headers = headers
    // Whatever ends it is told by the parser, if that has begun at all.
    this.on('error', () => {})
  }

  /** Takes the next piece; the one after it must wait for the promise. */
  fill(piece: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.write(piece)) return undefined
    return new Promise((resolve) => {
      const goOn = () => {
        this.off('drain', goOn).off('close', goOn)
        resolve()
      }
      this.on('drain', goOn).on('close', goOn)
    })
  }
}

async function parse(
  body: FormBody,
  { files, json, jsonBytes, maxBytes }: FormFields,
  { multer, dest }: { multer: typeof import('multer'); dest: string },
): Promise<Form> {
  const limits = {
    files: files.length,
    fileSize: maxBytes,
    fields: MAX_TEXTS,
    fieldSize: MAX_TEXT_BYTES,
    // The parser would make lists and objects of such names, as long and deep as they say.
    fieldNestingDepth: 0,
  }
  let textBytes = 0
  const streamHandler = (_body: unknown, parser: Writable) => {
    parser.on('field', (name: string, text: string) => {
      textBytes += Buffer.byteLength(name) + Buffer.byteLength(text)
      if (textBytes > jsonBytes) body.destroy(payloadTooLarge(jsonBytes))
    })
    // Multer lets go of a body when it has failed, and waits for its end unless it has none.
    parser.once('unpipe', () => body.destroy())
    body.pipe(parser)
  }
  const options = { dest, limits, streamHandler }
  const receive = multer(options).fields(files.map((name) => ({ name, maxCount: 1 })))
  // Multer reads the headers and the body of a request, and adds what it has found.
  const request = body as unknown as Request
  await new Promise<void>((resolve, reject) => {
    receive(request, undefined as never, (error: unknown) => (error ? reject(error) : resolve()))
  })

  // Multer passes by what it takes for no form.
  if (!request.files) throw new ApiError('invalid_payload')
  const parts = Object.values(request.files).flat()
  const uploads = parts.map((part) => [part.fieldname, uploadOf(part)] as const)
  const discard = async () => {
    await Promise.all(parts.map(({ path }) => rm(path, { force: true })))
  }
  // The last texts may be read after the body has ended.
  if (textBytes > jsonBytes) {
    await discard()
    throw payloadTooLarge(jsonBytes)
  }
  return { values: { ...parsed(request.body, json), ...Object.fromEntries(uploads) }, discard }
}

/**
 * Reads `application/x-www-form-urlencoded`: of a repeated name the last value counts. Fields in `json` are written as
 * JSON. Throws `invalid_payload` for more fields than any request needs.
 */
export function readUrlencoded(body: Buffer, json: string[]): Record<string, unknown> {
  const fields = [...new URLSearchParams(body.toString('utf8'))]
  if (fields.length > MAX_TEXTS) throw new ApiError('invalid_payload')
  return parsed(Object.fromEntries(fields), json)
}

/** Whether a request says that its body is a form without files. */
export function isUrlencoded(request: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
}

/** Whether a request says that its body is JSON. */
export function isJson(request: IncomingMessage): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')
}

/** A text that is no JSON stays one, for the schema to refuse. */
function parsed(texts: Record<string, unknown>, json: string[]): Record<string, unknown> {
  const names = new Set(json.map((name) => name.toLowerCase()))
  const entries = Object.entries(texts).map(([name, text]) => {
    if (typeof text !== 'string' || !names.has(name.toLowerCase())) return [name, text] as const
    try {
      return [name, onlyJson(Buffer.from(text))] as const
    } catch {
      return [name, text] as const
    }
  })
  return Object.fromEntries(entries)
}

function uploadOf({ path, originalname, mimetype, size }: Express.Multer.File) {
  return received({ path, fileName: originalname, mimeType: mimetype, sizeBytes: size })
}

/** Multer has deleted what it had written by the time it reports a failure. */
function refusal(cause: unknown): unknown {
  if (cause instanceof ApiError || cause instanceof ClientGone) return cause
  if (/^LIMIT_(FILE_SIZE|FIELD_VALUE)$/.test(errorCode(cause) ?? ''))
    return new ApiError('payload_too_large', {}, { cause })
  return new ApiError('invalid_payload', {}, { cause })
}
