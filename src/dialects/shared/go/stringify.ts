import { GoInteger } from './proto.ts'

/**
 * JSON text exactly as Go's `encoding/json` writes it: members in the order given, `<`, `>`, `&` and the two line
 * separators escaped, 64-bit integers in full. Members that are undefined are left out.
 */
export function goStringify(value: unknown): string {
  return written(value, AS_GIVEN)
}

/**
 * The same after Go has parsed the text into generic maps: members sorted at every level, and every number a 64-bit
 * float, so integers beyond 2^53 lose digits.
 */
export function goStringifySorted(value: unknown): string {
  return written(value, GENERIC)
}

/** What Go has of an object, a struct or a map, decides how it writes it. */
interface Form {
  membersOf(object: object): [string, unknown][]
  integer(integer: GoInteger): string
}

const AS_GIVEN: Form = { membersOf: Object.entries, integer: ({ digits }) => digits }
const GENERIC: Form = { membersOf: sortedMembers, integer: (integer) => JSON.stringify(integer) }

function written(value: unknown, form: Form): string {
  const parts: string[] = []
  write(value, form, parts)
  return parts.join('')
}

// Joined once: the text of an inner object would otherwise be copied at every level around it.
function write(value: unknown, form: Form, parts: string[]): void {
  if (typeof value === 'string') parts.push(goString(value))
  else if (typeof value !== 'object' || value === null) parts.push(JSON.stringify(value) ?? 'null')
  else if (value instanceof GoInteger) parts.push(form.integer(value))
  else if (Array.isArray(value)) writeList(value, form, parts)
  else writeMembers(value, form, parts)
}

function writeList(values: unknown[], form: Form, parts: string[]): void {
  parts.push('[')
  for (const [at, value] of values.entries()) {
    if (at > 0) parts.push(',')
    write(value, form, parts)
  }
  parts.push(']')
}

function writeMembers(object: object, form: Form, parts: string[]): void {
  let before = '{'
  for (const [key, member] of form.membersOf(object)) {
    if (member === undefined) continue
    parts.push(before, goString(key), ':')
    before = ','
    write(member, form, parts)
  }
  parts.push(before === '{' ? '{}' : '}')
}

/** The members of a Go map in the order Go writes them: by the bytes of their keys. */
export function sortedMembers(map: object): [string, unknown][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

const ESCAPED = /[<>&\u2028\u2029]/
const EVERY_ESCAPED = new RegExp(ESCAPED, 'g')

// Half of a surrogate pair becomes the replacement character, as in Go. Escaping the finished literal is safe: none of
// these five has a meaning of its own in JSON. Most texts have none, and to look takes a third of what replacing does.
function goString(text: string): string {
  const literal = JSON.stringify(text.toWellFormed())
  if (!ESCAPED.test(literal)) return literal
  return literal.replace(
    EVERY_ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
