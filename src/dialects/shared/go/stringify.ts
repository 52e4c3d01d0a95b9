import { GoInteger } from './proto.ts'

/**
 * JSON text exactly as Go's `encoding/json` writes it: members in the order given, `<`, `>`, `&` and the two line
 * separators escaped, 64-bit integers in full. Members that are undefined are left out.
 */
export function goStringify(value: unknown): string {
  const parts: string[] = []
  write(value, parts)
  return parts.join('')
}

// Joined once: the text of an inner object would otherwise be copied at every level around it.
function write(value: unknown, parts: string[]): void {
  if (Array.isArray(value)) writeList(value, parts)
  else if (typeof value === 'object' && value !== null && !(value instanceof GoInteger))
    writeMembers(value, parts)
  else parts.push(goScalar(value))
}

function writeList(values: unknown[], parts: string[]): void {
  parts.push('[')
  for (const [at, value] of values.entries()) {
    if (at > 0) parts.push(',')
    write(value, parts)
  }
  parts.push(']')
}

function writeMembers(object: object, parts: string[]): void {
  let before = '{'
  for (const [key, member] of Object.entries(object)) {
    if (member === undefined) continue
    parts.push(before, goString(key), ':')
    before = ','
    write(member, parts)
  }
  parts.push(before === '{' ? '{}' : '}')
}

function goScalar(value: unknown): string {
  if (typeof value === 'string') return goString(value)
  if (value instanceof GoInteger) return value.digits
  return JSON.stringify(value) ?? 'null'
}

/**
 * The same after Go has parsed the text into generic maps: members sorted at every level, and every number a 64-bit
 * float, so integers beyond 2^53 lose digits.
 */
export function goStringifySorted(value: unknown): string {
  return goStringify(generic(value))
}

function generic(value: unknown): unknown {
  if (value instanceof GoInteger) return value.toJSON()
  if (Array.isArray(value)) return value.map(generic)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(sortedMembers(value).map(([key, member]) => [key, generic(member)]))
}

/** The members of a Go map in the order Go writes them: by the bytes of their keys. */
export function sortedMembers(map: object): [string, unknown][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** `text` without halves of surrogate pairs, which UTF-8 cannot say; Go replaces such bytes the same way. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

// Escaping the finished literal is safe: none of these five has a meaning of its own in JSON.
function goString(text: string): string {
  return JSON.stringify(wellFormed(text)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
