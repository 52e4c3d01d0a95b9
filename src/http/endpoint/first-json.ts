import { ApiError } from '../../lib/errors.ts'

/** Go's decoder gives up here as well. */
const MAX_DEPTH = 10_000
/** Parsing takes as long as there are values, whatever their size, and nobody else is served meanwhile. */
const MAX_VALUES = 100_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * The first JSON value of a body, as Go's `json.Decoder` sees it: whatever follows the value is ignored, a repeated key
 * keeps its last value, invalid UTF-8 and lone surrogates become U+FFFD. An empty body is `undefined`.
 * Throws `invalid_payload` for anything that is not JSON, and for more values than any request needs.
 */
export function firstJson(body: Buffer): unknown {
  return json(body, { isOnly: false })
}

/** The same, where nothing may follow the value. */
export function onlyJson(body: Buffer): unknown {
  return json(body, { isOnly: true })
}

function json(body: Buffer, { isOnly }: { isOnly: boolean }): unknown {
  const start = skipSpace(body, 0)
  if (start === body.length) return undefined

  const end = endOfValue(body, start)
  if (isOnly && skipSpace(body, end) < body.length) throw new ApiError('invalid_payload')
  const text = body.toString('utf8', start, end)
  try {
    return JSON.parse(text, LONE_SURROGATE.test(text) ? wellFormed : undefined)
  } catch (cause) {
    throw new ApiError('invalid_payload', {}, { cause })
  }
}

/** Only an escape can bring a lone surrogate; the slower parse is for bodies that may have one. */
const LONE_SURROGATE = /\\u[dD][89a-fA-F]/

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
}

/** Index behind the value that begins at `start`; strings are skipped, not inspected, so base64 costs little. */
function endOfValue(body: Buffer, start: number): number {
  const first = body[start]
  if (first === QUOTE) return endOfString(body, start)
  if (!opens(first)) return endOfWord(body, start)

  let depth = 0
  let values = 0
  for (let at = start; at < body.length; at++) {
    const byte = body[at]
    if (byte === QUOTE) at = endOfString(body, at) - 1
    else if (opens(byte) && ++depth > MAX_DEPTH) throw new ApiError('invalid_payload')
    else if (closes(byte) && --depth === 0) return at + 1
    // Each value but the first of a list or object has a comma before it, the first a bracket.
    if ((byte === COMMA || opens(byte)) && ++values > MAX_VALUES) throw tooManyValues()
  }
  throw new ApiError('invalid_payload')
}

function tooManyValues(): ApiError {
  return new ApiError('invalid_payload', { text: `the request has too many values: at most ${MAX_VALUES}` })
}

function endOfString(body: Buffer, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = body.indexOf(QUOTE, from)
    if (quote === -1) throw new ApiError('invalid_payload')
    let escapes = 0
    while (body[quote - 1 - escapes] === BACKSLASH) escapes++
    if (escapes % 2 === 0) return quote + 1
    from = quote + 1
  }
}

/** A number ends where its characters end; `true`, `false` and `null` after their own length. */
function endOfWord(body: Buffer, start: number): number {
  const word = /^(?:true|false|null|[-+.\deE]+)/.exec(body.toString('latin1', start, start + 400))
  if (word === null) throw new ApiError('invalid_payload')
  return start + word[0].length
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (
    at < body.length &&
    (body[at] === 0x20 || body[at] === 0x09 || body[at] === 0x0a || body[at] === 0x0d)
  )
    at++
  return at
}

function opens(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b
}

function closes(byte: number | undefined): boolean {
  return byte === 0x7d || byte === 0x5d
}
