import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from '../lib/errors.ts'
import type { LongText } from '../lib/given-file.ts'
import { JsonUnescape } from '../lib/json-unescape.ts'
import { newScratchPath } from '../lib/scratch-folder.ts'
import type { BodyReader } from './body.ts'
import { received } from './fields.ts'
import { firstJson } from './first-json.ts'

/** A longer string of a JSON body goes to disk while it arrives, so that a file in base64 is never in memory whole. */
const LONG_BYTES = 1024 * 1024
/** What is kept of it in memory: enough to see what it is. */
const HEAD_BYTES = 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20

/** A JSON body that was received. */
export interface LargeJson {
  values: unknown
  /** Deletes what lies on disk. */
  discard(): Promise<void>
}

/**
 * Reads a JSON body that may hold files: long strings in the members that `files` names become `LongText`s, anywhere
 * else they are strings as usual. Throws what `BodyReader.receive` and `firstJson` throw.
 */
export async function readLargeJson(
  bodies: BodyReader,
  { request, response, files }: { request: IncomingMessage; response: ServerResponse; files: string[] },
): Promise<LargeJson> {
  const strings = new LongStrings()
  try {
    await bodies.receive(request, response, (chunk) => strings.push(chunk))
    const values = await strings.restore(firstJson(await strings.end()), files)
    return { values, discard: () => strings.discard() }
  } catch (error) {
    await strings.discard()
    throw error
  }
}

/** A string on its way to disk. */
interface LongString {
  path: string
  handle: FileHandle
  unescape: JsonUnescape
  head: Buffer
  sizeBytes: number
  isJson: boolean
}

/** Takes the long strings out of a JSON text that arrives in pieces and leaves placeholders in their places. */
class LongStrings {
  // Nobody can guess it, so nobody can write a placeholder.
  readonly #mark = randomUUID()
  readonly #kept: Buffer[] = []
  readonly #found: LongString[] = []
  #isInString = false
  #isEscaped = false
  /** The string being read, while it is short. */
  #short: Buffer[] = []
  #shortBytes = 0
  /** The string being read, once it is long. */
  #long: LongString | undefined

  /** Takes the next piece; the one after it must wait for the promise. */
  async push(piece: Buffer): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const next = this.#isInString ? this.#readString(piece, at) : this.#readOutside(piece, at)
      at = typeof next === 'number' ? next : await next
    }
  }

  /** The text with its placeholders, after all pieces have come. */
  async end(): Promise<Buffer> {
    return Buffer.concat([...this.#kept, ...this.#short])
  }

  /** Puts the strings back into the value of the text. Throws `invalid_payload` when one of them is not JSON. */
  async restore(value: unknown, files: string[]): Promise<unknown> {
    if (this.#found.length === 0) return value
    const names = new Set(files.map((name) => name.toLowerCase()))
    return this.#restored(value, (name) => names.has(name.toLowerCase()))
  }

  async discard(): Promise<void> {
    await Promise.all(this.#found.map(({ handle }) => handle.close()))
    await Promise.all(this.#found.map(({ path }) => rm(path, { force: true })))
  }

  #readOutside(piece: Buffer, at: number): number {
    const quote = piece.indexOf(QUOTE, at)
    const end = quote === -1 ? piece.length : quote + 1
    this.#kept.push(piece.subarray(at, end))
    this.#isInString = quote !== -1
    return end
  }

  /** The index behind what was read; a promise of it when something had to be written. */
  #readString(piece: Buffer, at: number): number | Promise<number> {
    const end = this.#endOfString(piece, at)
    const isClosed = end < piece.length
    this.#short.push(piece.subarray(at, end))
    this.#shortBytes += end - at
    if (this.#long || this.#shortBytes > LONG_BYTES) return this.#writeLong(end, isClosed)
    return isClosed ? this.#closeString(end, this.#short) : end
  }

  async #writeLong(end: number, isClosed: boolean): Promise<number> {
    this.#long ??= await this.#openLong()
    for (const part of this.#short.splice(0)) await append(this.#long, part)
    if (!isClosed) return end
    await append(this.#long)
    return this.#closeString(end, [Buffer.from(`${this.#mark}/${this.#found.length - 1}`)])
  }

  async #openLong(): Promise<LongString> {
    const path = await newScratchPath('body')
    const handle = await open(path, 'wx', 0o600)
    const long = {
      path,
      handle,
      unescape: new JsonUnescape(),
      head: Buffer.alloc(0),
      sizeBytes: 0,
      isJson: true,
    }
    this.#found.push(long)
    return long
  }

  #closeString(quote: number, content: Buffer[]): number {
    this.#kept.push(...content, Buffer.from([QUOTE]))
    this.#isInString = false
    this.#long = undefined
    this.#short = []
    this.#shortBytes = 0
    return quote + 1
  }

  /** Index of the quote that ends the string, or the piece's length. */
  #endOfString(piece: Buffer, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at]
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) return at
    }
    return piece.length
  }

  async #restored(value: unknown, isFile: (name: string) => boolean): Promise<unknown> {
    if (typeof value === 'string') {
      const long = this.#longString(value)
      return long ? readFile(long.path, 'utf8') : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return Promise.all(value.map((entry) => this.#restored(entry, () => false)))
    const entries = Object.entries(value).map(async ([name, entry]: [string, unknown]) => {
      const long = isFile(name) ? this.#longString(entry) : undefined
      return [name, long ? received(textOf(long)) : await this.#restored(entry, () => false)] as const
    })
    return Object.fromEntries(await Promise.all(entries))
  }

  #longString(value: unknown): LongString | undefined {
    if (typeof value !== 'string' || !value.startsWith(this.#mark)) return undefined
    const long = this.#found[Number(value.slice(this.#mark.length + 1))]
    if (long && !long.isJson) throw new ApiError('invalid_payload')
    return long
  }
}

/** Appends the next part; without one, what the string ends with. */
async function append(long: LongString, part?: Buffer): Promise<void> {
  const text = unescaped(long, part)
  if (text.length === 0) return
  if (long.head.length < HEAD_BYTES) long.head = Buffer.concat([long.head, text.subarray(0, HEAD_BYTES)])
  long.sizeBytes += text.length
  await long.handle.writeFile(text)
}

// A mistake is only noted: it counts if the string is a part of the value, and what follows the value is ignored.
function unescaped(long: LongString, part: Buffer | undefined): Buffer {
  try {
    if (part?.some((byte) => byte < FIRST_PRINTABLE)) long.isJson = false
    if (!long.isJson) return Buffer.alloc(0)
    return part ? long.unescape.write(part) : long.unescape.end()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    long.isJson = false
    return Buffer.alloc(0)
  }
}

function textOf({ path, sizeBytes, head }: LongString): LongText {
  return { path, sizeBytes, head: head.toString('utf8', 0, HEAD_BYTES) }
}
