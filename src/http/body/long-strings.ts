import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from '../../lib/errors.ts'
import type { LongText } from '../../lib/file-input.ts'
import { newScratchPath } from '../../lib/process/scratch-folder.ts'
import { JsonUnescape } from '../../lib/text/json-unescape.ts'
import { received } from '../endpoint/fields.ts'
import { type BodyReader, payloadTooLarge } from './body.ts'

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

interface LargeJsonRequest {
  request: IncomingMessage
  response: ServerResponse
  jsonBytes: number
  parse(json: Buffer): unknown
}

/**
 * Reads a JSON body that may hold files: long strings become `LongText`s, in fields that take no files for somebody else
 * to refuse. `jsonBytes` is the limit of what is left in memory. Throws what `BodyReader.receive` and `parse` throw.
 */
export async function readLargeJson(
  bodies: BodyReader,
  { request, response, jsonBytes, parse }: LargeJsonRequest,
): Promise<LargeJson> {
  const strings = new LongStrings(jsonBytes)
  try {
    await bodies.receive(request, response, { take: (chunk) => strings.push(chunk) })
    return { values: strings.restore(parse(strings.end())), discard: () => strings.discard() }
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
  readonly #keptBytes: number
  readonly #kept: Buffer[] = []
  #sizeBytes = 0
  readonly #found: LongString[] = []
  #isInString = false
  #isEscaped = false
  /** The string being read, while it is short. */
  #short: Buffer[] = []
  #shortBytes = 0
  /** The string being read, once it is long. */
  #long: LongString | undefined

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes
  }

  /** Takes the next piece; the one after it must wait for the promise. */
  async push(piece: Buffer): Promise<void> {
    let keptUntil = 0
    for (let at = 0; at < piece.length; ) {
      if (!this.#isInString) {
        at = this.#startOfString(piece, at)
        continue
      }
      const end = this.#endOfString(piece, at)
      const isClosed = end < piece.length
      // One that is short and whole stays where it is: there may be as many of them as bytes.
      if (!isClosed || this.#shortBytes > 0 || this.#long || end - at > LONG_BYTES) {
        this.#keep(piece.subarray(keptUntil, at))
        keptUntil = end
        await this.#readString(piece.subarray(at, end), isClosed)
      }
      this.#isInString = !isClosed
      at = end + 1
    }
    this.#keep(piece.subarray(keptUntil))
  }

  /** The text with its placeholders, after all pieces have come. */
  end(): Buffer {
    return Buffer.concat([...this.#kept, ...this.#short])
  }

  /** Puts the strings back into the value of the text. Throws `invalid_payload` when one of them is not JSON. */
  restore(value: unknown): unknown {
    if (this.#found.length === 0) return value
    const root = { value }
    // No recursion: a body may be nested deeper than functions can be.
    const waiting: object[] = [root]
    for (let holder = waiting.pop(); holder !== undefined; holder = waiting.pop())
      for (const [key, entry] of Object.entries(holder)) {
        if (typeof entry === 'object' && entry !== null) waiting.push(entry)
        const long = typeof entry === 'string' ? this.#longString(entry) : undefined
        // Assigning to a member `__proto__` would make it something else.
        if (long) Object.defineProperty(holder, key, { value: received(textOf(long)), enumerable: true })
      }
    return root.value
  }

  async discard(): Promise<void> {
    await Promise.all(this.#found.map(({ handle }) => handle.close()))
    await Promise.all(this.#found.map(({ path }) => rm(path, { force: true })))
  }

  /** Index behind the quote that begins the next string, or the piece's length. */
  #startOfString(piece: Buffer, from: number): number {
    const quote = piece.indexOf(QUOTE, from)
    this.#isInString = quote !== -1
    return quote === -1 ? piece.length : quote + 1
  }

  /** Takes the next part of a string; with the last one, what stands for the string is kept. */
  async #readString(part: Buffer, isClosed: boolean): Promise<void> {
    this.#short.push(part)
    this.#shortBytes += part.length
    if (this.#long || this.#shortBytes > LONG_BYTES) {
      this.#long ??= await this.#openLong()
      for (const one of this.#short.splice(0)) await append(this.#long, one)
    }
    if (!isClosed) return
    if (this.#long) {
      await append(this.#long)
      this.#keep(Buffer.from(`${this.#mark}/${this.#found.length - 1}`))
    } else for (const one of this.#short) this.#keep(one)
    this.#long = undefined
    this.#short = []
    this.#shortBytes = 0
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

  #keep(part: Buffer): void {
    if (part.length === 0) return
    this.#sizeBytes += part.length
    if (this.#sizeBytes > this.#keptBytes) throw payloadTooLarge(this.#keptBytes)
    this.#kept.push(part)
  }

  /** Index of the quote that ends the string, or the piece's length. */
  #endOfString(piece: Buffer, from: number): number {
    let isEscaped = this.#isEscaped
    let at = from
    for (; at < piece.length; at++) {
      const byte = piece[at]
      if (isEscaped) isEscaped = false
      else if (byte === BACKSLASH) isEscaped = true
      else if (byte === QUOTE) break
    }
    this.#isEscaped = isEscaped
    return at
  }

  #longString(value: string): LongString | undefined {
    if (!value.startsWith(this.#mark)) return undefined
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
    if (part && hasControl(part)) long.isJson = false
    if (!long.isJson) return Buffer.alloc(0)
    return part ? long.unescape.write(part) : long.unescape.end()
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    long.isJson = false
    return Buffer.alloc(0)
  }
}

/** Whether there is a byte that JSON wants escaped; a callback for every byte of 64 MB takes a second. */
function hasControl(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if (Number(bytes[at]) < FIRST_PRINTABLE) return true
  return false
}

function textOf({ path, sizeBytes, head }: LongString): LongText {
  return { path, sizeBytes, head: head.toString('utf8', 0, HEAD_BYTES) }
}
