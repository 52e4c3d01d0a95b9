import { LRUCache } from 'lru-cache'
import { readingsOf, utf8 } from './decodings.ts'
import { type Spelling, SpellingSearch } from './spelling-search.ts'

const REDACTED = '[redacted]'

/** Of an address. A shorter value is a version or a flag, and taking it out would spoil the text around it. */
const SHORTEST_SECRET = 8
/** A longer secret is looked for in pieces of this length. */
const LONGEST_PIECE = 64
/** So much longer than itself an escaped secret may be: JSON inside a form writes `&` as `%5Cu0026`, and that once more. */
const LONGEST_SPELLING = 20

/**
 * A text without the given secrets, however they are escaped in it: as in forms, URLs, JSON, HTML, base64 or hex, also
 * inside each other; and without NUL, which PostgreSQL cannot store.
 */
export function redact(text: string, secrets: (string | undefined)[]): string {
  const bytes = utf8(text)
  return shown(bytes, { hidden: hiddenIn(text, secrets), end: bytes.length })
}

/**
 * The first `length` characters of a redacted text that may be far longer, of which only the beginning is read. What is
 * told comes from the first `length` characters of the text itself: where a secret shortens to its mark, nothing moves up
 * that was read only in part.
 */
export function redactedStart(text: string, secrets: (string | undefined)[], length: number): string {
  const longest = Math.max(0, ...secrets.map((secret = '') => Buffer.byteLength(secret)))
  // What begins in what is kept must not be cut before it can be recognised.
  const read = text.slice(0, length + LONGEST_SPELLING * Math.min(longest, LONGEST_PIECE))
  const end = Buffer.byteLength(startOf(text, length))
  return startOf(shown(utf8(read), { hidden: hiddenIn(read, secrets), end }), length)
}

/** Not half a surrogate pair, which is no character. */
function startOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

/** For each byte of a text whether it belongs to a secret. */
function hiddenIn(text: string, secrets: (string | undefined)[]): Uint8Array {
  const search = searchFor(secrets)
  const readings = readingsOf(text)
  const hidden = new Uint8Array(readings[0]?.bytes.length ?? 0)
  for (const { bytes, origins } of readings)
    search.find(bytes, (from, to) => hidden.fill(1, origins[from], origins[to]))
  return hidden
}

/** The bytes until `end` as text, with a mark for what is hidden. */
function shown(bytes: string, { hidden, end }: { hidden: Uint8Array; end: number }): string {
  const pieces: string[] = []
  for (let at = 0; at < end; ) {
    const isHidden = hidden[at] === 1
    const change = hidden.indexOf(isHidden ? 0 : 1, at)
    const until = change === -1 ? end : Math.min(change, end)
    pieces.push(isHidden ? REDACTED : textOf(bytes.slice(at, until)))
    at = until
  }
  return pieces.join('').replaceAll('\0', '\uFFFD')
}

/** A secret in pieces that are found each by itself, so that any part of it is. */
function piecesOf(secret: string): string[] {
  const pieces: string[] = []
  let rest = secret
  while (rest.length > LONGEST_PIECE) {
    const piece = startOf(rest, LONGEST_PIECE)
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  // A short one would be found where there is no secret.
  const isTooShort = pieces.length > 0 && rest.length < SHORTEST_SECRET
  return isTooShort
    ? [...pieces, secret.slice(-LONGEST_PIECE).replace(/^[\udc00-\udfff]/, '')]
    : [...pieces, rest]
}

/** In shorter ones, base64 and hex are what ordinary text looks like too. */
const SHORTEST_ENCODED = 4
/**
 * So many bytes of secrets in base64 and hex are looked for, beside all secrets as they are: ten times what a user has, and
 * no more than a URL full of values may cost everybody else.
 */
const MOST_ENCODED_BYTES = 64 * 1024
/** By the secrets; measured in the bytes that are looked for. */
const searches = new LRUCache<string, SpellingSearch>({
  maxSize: 512 * 1024,
  sizeCalculation: ({ sizeBytes }) => sizeBytes,
})

/** Looking for the same secrets costs most the first time. */
function searchFor(secrets: (string | undefined)[]): SpellingSearch {
  const pieces = [...new Set(secrets)].flatMap((secret) => (secret ? piecesOf(secret) : []))
  const name = JSON.stringify(pieces)
  const known = searches.get(name)
  if (known) return known

  const spellings: Spelling[] = pieces.map((piece) => ({ bytes: utf8(piece), isInBase64: false }))
  let encodedBytes = 0
  for (const piece of pieces) {
    if (encodedBytes > MOST_ENCODED_BYTES) break
    for (const spelling of encodingsOf(piece)) {
      spellings.push(spelling)
      encodedBytes += spelling.bytes.length
    }
  }
  const search = new SpellingSearch(spellings)
  searches.set(name, search)
  return search
}

/** What no escape can undo: a secret in base64 and hex. */
function encodingsOf(secret: string): Spelling[] {
  if (Buffer.byteLength(secret) < SHORTEST_ENCODED) return []
  return [...writtenInside(secret)].flatMap((written) => {
    const hex = Buffer.from(written).toString('hex')
    return [
      ...[hex, hex.toUpperCase()].map((bytes) => ({ bytes, isInBase64: false })),
      ...[...new Set(base64Of(written))].map((bytes) => ({ bytes, isInBase64: true })),
    ]
  })
}

/** How a secret stands in what is then written in base64 as a whole: by itself, or inside JSON or a form. */
function writtenInside(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1)
  const goJson = json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return new Set([secret, json, goJson, new URLSearchParams({ '': secret }).toString().slice(1)])
}

/** A secret as it looks after nothing, one byte and two, in both alphabets; only characters that are its alone. */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)]
    const own = encoded.slice(from, to)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** What may be secret in an address: the password, and the longer values of its query. */
export function addressSecrets(address = ''): string[] {
  if (!URL.canParse(address)) return []
  const { password, searchParams } = new URL(address)
  return [password, unescaped(password), ...searchParams.values()].filter(
    (value) => value.length >= SHORTEST_SECRET,
  )
}

/** The parser leaves an escape alone that is none. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
