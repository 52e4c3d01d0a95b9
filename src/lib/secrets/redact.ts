import { LRUCache } from 'lru-cache'
import { readingsOf, utf8 } from './decodings.ts'

const REDACTED = '[redacted]'

/** So much longer than itself an escaped secret may be: JSON inside a form writes `&` as `%5Cu0026`. */
const LONGEST_SPELLING = 12

/**
 * A text without the given secrets, however they are escaped in it: as in forms, URLs, JSON, HTML, base64 or hex, also
 * inside each other; and without NUL, which PostgreSQL cannot store.
 */
export function redact(text: string, secrets: (string | undefined)[]): string {
  const sought = [...new Set(secrets)].flatMap((secret) => (secret ? spellingsOf(secret) : []))
  const found: Range[] = []
  for (const { bytes, origins } of readingsOf(text))
    for (const spelling of sought)
      for (const [from, to] of occurrences(bytes, spelling))
        found.push([origins[from] ?? 0, origins[to] ?? 0])
  return without(utf8(text), found).replaceAll('\0', '\uFFFD')
}

/**
 * The first `length` characters of a redacted text that may be far longer. It is cut before, but not so short that a
 * secret which begins in what is kept is cut in half and not recognised.
 */
export function redactedStart(text: string, secrets: (string | undefined)[], length: number): string {
  const longest = Math.max(0, ...secrets.map((secret) => Buffer.byteLength(secret ?? '')))
  return redact(text.slice(0, length + LONGEST_SPELLING * longest), secrets).slice(0, length)
}

/** From where to where, in bytes. */
type Range = [from: number, to: number]

/** Bytes by which a secret is recognised. */
interface Spelling {
  bytes: string
  /** Base64 of what stands around the secret shares its first and last characters. */
  isInBase64: boolean
}

/** In shorter ones, base64 and hex are what ordinary text looks like too. */
const SHORTEST_ENCODED = 4
const known = new LRUCache<string, Spelling[]>({ max: 1_000 })

/** What no escape can undo: the secret itself, and in base64 and hex. */
function spellingsOf(secret: string): Spelling[] {
  const cached = known.get(secret)
  if (cached) return cached
  const bytes = new Set([utf8(secret)])
  const inBase64 = new Set<string>()
  if (Buffer.byteLength(secret) >= SHORTEST_ENCODED)
    for (const written of writtenInside(secret)) {
      const hex = Buffer.from(written).toString('hex')
      bytes.add(hex).add(hex.toUpperCase())
      for (const spelling of base64Of(written)) inBase64.add(spelling)
    }
  const spellings = [
    ...[...bytes].map((one) => ({ bytes: one, isInBase64: false })),
    ...[...inBase64].map((one) => ({ bytes: one, isInBase64: true })),
  ]
  known.set(secret, spellings)
  return spellings
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

function* occurrences(bytes: string, { bytes: sought, isInBase64 }: Spelling): Generator<Range> {
  for (let at = bytes.indexOf(sought); at !== -1; at = bytes.indexOf(sought, at + 1)) {
    const end = at + sought.length
    // A neighbour holds bits of the secret.
    const isBase64 = (index: number) => isInBase64 && /[\w+/-]/.test(bytes.charAt(index))
    yield [isBase64(at - 1) ? at - 1 : at, isBase64(end) ? end + 1 : end]
  }
}

function without(bytes: string, ranges: Range[]): string {
  const pieces: string[] = []
  let copied = 0
  for (const [from, to] of ranges.sort(([one], [other]) => one - other)) {
    if (to <= copied) continue
    // What overlaps is one secret, or two of which nothing may be left.
    if (from >= copied) pieces.push(textOf(bytes.slice(copied, from)), REDACTED)
    copied = to
  }
  return pieces.join('') + textOf(bytes.slice(copied))
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

// A shorter one is a version or a flag, and taking it out would spoil the text around it.
const SHORTEST_SECRET = 8

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
