import { BufferJSON } from '../../whatsapp/library/engine.ts'
import { UnreadableRow } from '../signal/go-json.ts'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Members of an object of which nothing is known yet. */
export type Members = Record<string, unknown>

/** What is written in a file of the library, with bytes in any of the forms its releases wrote. Throws UnreadableRow. */
export function parseJson(text: string, { hasBytes }: { hasBytes: boolean }): unknown {
  try {
    return hasBytes ? JSON.parse(text, revive) : JSON.parse(text)
  } catch {
    // The parser's own words quote what it read.
    throw new UnreadableRow('it is cut off or damaged')
  }
}

/** The object that this is. Throws UnreadableRow for everything else. */
export function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw new UnreadableRow(`${name} is not there or damaged`)
  // Any other object has members.
  return value as Members
}

/** The bytes that this is, or that it has as base64. Throws UnreadableRow unless there are `length`, where that is said. */
export function bytesIn(value: unknown, name: string, length?: number): Buffer {
  const bytes = typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : value
  if (!(bytes instanceof Uint8Array)) throw new UnreadableRow(`${name} is not there or damaged`)
  if (length !== undefined && bytes.length !== length)
    throw new UnreadableRow(`${name} has ${bytes.length} bytes, not ${length}`)
  return Buffer.from(bytes)
}

/** The whole number that this is, written as text or not. Throws UnreadableRow unless it is between 0 and `most`. */
export function numberIn(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (!Number.isSafeInteger(number) || Number(number) < 0 || Number(number) > most)
    throw new UnreadableRow(`${name} is no number that could be there`)
  return Number(number)
}

/** Like the library's own, and besides the forms of its first releases: lists of numbers. */
function revive(key: string, value: unknown): unknown {
  const known: unknown = BufferJSON.reviver(key, value)
  if (typeof known !== 'object' || known === null || known instanceof Uint8Array) return known
  const { type, buffer, data, value: other } = known as Members
  if (type !== 'Buffer' && buffer !== true) return known
  const bytes = data ?? other
  if (typeof bytes === 'string') return Buffer.from(bytes, 'base64')
  return Array.isArray(bytes) || bytes instanceof Uint8Array ? Buffer.from(bytes) : known
}
