import { ownMember } from '../own-member.ts'
import { namedCharacters } from '../text/named-characters.ts'

/**
 * Bytes as a string of characters below 256, and where each comes from in the bytes that were decoded: one more entry
 * than there are bytes, for the end.
 */
export interface Decoded {
  bytes: string
  origins: number[]
}

/** One way to write characters so that they pass through something that would take them for its own. */
interface Encoding {
  escapes: RegExp
  /** The bytes an escape stands for; undefined for what only looks like one. */
  decode: (written: string) => string | undefined
}

/** Percent encoding of URLs; forms (`application/x-www-form-urlencoded`) write blanks as `+` besides. */
const percent: Encoding = {
  escapes: /%[0-9a-f]{2}/gi,
  decode: (written) => String.fromCharCode(Number.parseInt(written.slice(1), 16)),
}
const form: Encoding = {
  escapes: /\+|%[0-9a-f]{2}/gi,
  decode: (written) => (written === '+' ? ' ' : percent.decode(written)),
}

/** JSON of every language, and the literals of Go, JavaScript and Python: `\n`, `\/`, `\u0026`, `\x26`, `\u{26}`. */
const backslash: Encoding = {
  escapes:
    /\\(?:u[Dd][89ABab][\dA-Fa-f]{2}\\u[Dd][C-Fc-f][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|u\{[\dA-Fa-f]{1,6}\}|U[\dA-Fa-f]{8}|x[\dA-Fa-f]{2}|["'\\/abfnrtv])/g,
  decode(written) {
    const [kind = '', digits] = [written.charAt(1), written.slice(2)]
    if (kind === 'x') return String.fromCharCode(Number.parseInt(digits, 16))
    if (kind !== 'u' && kind !== 'U') return ownMember(shortEscapes, kind) ?? kind
    const [first, second] = digits.split('\\u').map((part) => Number.parseInt(part.replace(/[{}]/g, ''), 16))
    if (first === undefined) return undefined
    return second === undefined ? character(first) : utf8(String.fromCharCode(first, second))
  },
}
const shortEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** References of HTML and XML: `&amp;`, `&#38;`, `&#x26;`. */
const markup: Encoding = {
  escapes: /&(?:#\d{1,7};?|#x[0-9a-f]{1,6};?|[a-z]{2,8};)/gi,
  decode(written) {
    const named = /^&([a-z]+);/i.exec(written)?.[1]
    if (named !== undefined) return ownMember(namedCharacters, named)
    const digits = written.replace(/[&#;]/g, '')
    return character(/^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number(digits))
  },
}

const encodings = [percent, form, backslash, markup]

/** A form that holds JSON that holds JSON, or a page that shows such a form, and not much more. */
const DEEPEST = 3
/** Each is a search of the whole text; ordinary ones have two or three readings. */
const MOST_READINGS = 30

/**
 * Everything a text may be when escapes in it are undone, the text itself first: each encoding by itself, and inside
 * each other. The work is bounded: every reading is one pass over the text.
 */
export function readingsOf(text: string): Decoded[] {
  const bytes = utf8(text)
  const readings: Decoded[] = [{ bytes, origins: Array.from({ length: bytes.length + 1 }, (_, at) => at) }]
  const seen = new Set([bytes])
  let newest = readings.slice()
  for (let depth = 0; depth < DEEPEST; depth++) {
    const deeper: Decoded[] = []
    for (const reading of newest)
      for (const encoding of encodings) {
        const decoded = undo(reading, encoding)
        if (!decoded || seen.has(decoded.bytes) || readings.length >= MOST_READINGS) continue
        seen.add(decoded.bytes)
        deeper.push(decoded)
        readings.push(decoded)
      }
    newest = deeper
  }
  return readings
}

/** The UTF-8 of a text, a character for each byte. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** Undefined when there is nothing to undo. */
function undo({ bytes, origins }: Decoded, { escapes, decode }: Encoding): Decoded | undefined {
  const pieces: string[] = []
  const from: number[] = []
  let copied = 0
  const copyUntil = (end: number) => {
    pieces.push(bytes.slice(copied, end))
    for (let at = copied; at < end; at++) from.push(origins[at] ?? 0)
  }
  for (const match of bytes.matchAll(escapes)) {
    const plain = decode(match[0])
    if (plain === undefined) continue
    copyUntil(match.index)
    pieces.push(plain)
    for (let at = 0; at < plain.length; at++) from.push(origins[match.index] ?? 0)
    copied = match.index + match[0].length
  }
  if (copied === 0) return undefined
  copyUntil(bytes.length)
  from.push(origins[bytes.length] ?? 0)
  return { bytes: pieces.join(''), origins: from }
}

function character(code: number): string | undefined {
  return code <= 0x10ffff ? utf8(String.fromCodePoint(code)) : undefined
}
