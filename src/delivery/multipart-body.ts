import { createHash, type Hash, type Hmac } from 'node:crypto'
import { limits } from '../lib/limits.ts'
import { filePieces, hashBody, type StreamedBody } from '../media/fetch/streamed-body.ts'
import type { EncodedMultipart } from './renderer.ts'

/** A file as its receiver is told of it. */
export interface AttachedFile {
  /** As its sender named it; what no header can hold is escaped. */
  fileName: string
  mimeType: string
  path: string
  sizeBytes: number
}

/** A form with one file: `multipart/form-data` (RFC 7578). */
export interface MultipartBody {
  boundary: string
  /** Name -> value, in the order in which they are sent. */
  fields: Readonly<Record<string, string>>
  /** Comes behind the fields, as the part called `name`. */
  file: AttachedFile & { name: string }
}

/**
 * A form with a file, ready to be posted. `id` is the delivery's: what its bytes depend on besides the content, so that
 * each attempt sends the same ones.
 */
export function encodeMultipart(id: string, form: Omit<MultipartBody, 'boundary'>): EncodedMultipart {
  const boundary = boundaryOf(id)
  return {
    body: { boundary, ...form },
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
  }
}

/**
 * Ids of deliveries are made here and random: whoever sent the file cannot know the boundary, and write further parts into
 * the file. 60 characters of hex, as Go's `mime/multipart` has it.
 */
function boundaryOf(id: string): string {
  return createHash('sha256').update(`multipart ${id}`).digest('hex').slice(0, 60)
}

/** The exact bytes of a form, read from disk each time they are sent. */
export function streamMultipart({ boundary, fields, file }: MultipartBody): StreamedBody {
  const texts = Object.entries(fields).map(([name, value]) => {
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`
  })
  const disposition = `form-data; name="${quoted(file.name)}"; filename="${quoted(shortened(file.fileName))}"`
  const opening = `--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${typeOf(file)}\r\n\r\n`
  const before = Buffer.from(texts.join('') + opening)
  const after = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    sizeBytes: before.length + file.sizeBytes + after.length,
    async *pieces() {
      let isFirst = true
      for await (const piece of filePieces(file)) {
        // Not before it is known that there is a file.
        if (isFirst) yield before
        isFirst = false
        yield piece
      }
      if (isFirst) yield before
      yield after
    },
  }
}

/** Feeds the exact bytes of a form to a dialect's own signature; throws UnreadableBodyError when its file is gone. */
export function hashMultipart(body: MultipartBody, hash: Hash | Hmac): Promise<void> {
  return hashBody(streamMultipart(body), [hash])
}

/** What people are shown of a form: its fields, and of its file what it is called and how large it is. */
export function describeMultipart({ fields, file }: MultipartBody): string {
  const { name, fileName, sizeBytes } = file
  // The file comes first, for only the beginning of a request is kept.
  const lines = [
    [name, `[${shortened(fileName)}, ${typeOf(file)}, ${sizeBytes} bytes]`],
    ...Object.entries(fields),
  ]
  return lines.map(([field, value]) => `${field}: ${value}`).join('\n')
}

/**
 * A name inside a header, as Go's `mime/multipart` writes it: quotes and backslashes with a backslash, the ends of lines as
 * `%0D` and `%0A`. Other control characters are written like these: there are parsers that refuse a form because of them.
 */
function quoted(name: string): string {
  return name.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}/gu, encodeURIComponent)
}

/** As many as the longest name may have, if each character is a pair. */
const SCANNED_LENGTH = 2 * limits.fileName.max

/** A name of so many characters at most as any file may have, with its ending: parsers limit the length of a header. */
function shortened(fileName: string): string {
  const characters = Array.from(fileName.slice(0, SCANNED_LENGTH))
  if (fileName.length <= SCANNED_LENGTH && characters.length <= limits.fileName.max) return fileName
  const ending = /\.[\w-]{1,16}$/.exec(fileName)?.[0] ?? ''
  return characters.slice(0, limits.fileName.max - ending.length).join('') + ending
}

const MEDIA_TYPE = /^[\x21-\x7e]+\/[\x20-\x7e]+$/

/** Senders declare whatever they like. */
function typeOf({ mimeType }: AttachedFile): string {
  const isUsable = mimeType.length <= limits.mimeType.max && MEDIA_TYPE.test(mimeType)
  return isUsable ? mimeType : 'application/octet-stream'
}
