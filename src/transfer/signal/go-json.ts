/** A stored row that cannot be taken over; the message says why, for a person. Never holds a value of the row. */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow'
}

/** An object as Go's encoding/json writes a structure: names are those of its fields, bytes are base64. */
export type GoObject = Record<string, unknown>

const OPENING_BRACE = 0x7b
const UINT32_MAX = 0xffff_ffff
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Reads a row of Go's libsignal, which is JSON. Throws UnreadableRow for everything else, old protobuf rows included. */
export function readGoObject(row: Uint8Array): GoObject {
  if (row[0] !== OPENING_BRACE) throw new UnreadableRow('it is not in the format of the last years (JSON)')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(row).toString('utf8'))
  } catch {
    // The parser's own words quote what it read.
    throw new UnreadableRow('it is cut off or damaged')
  }
  return asObject(value, 'the record')
}

/** The object in a field; undefined where Go has nil, which is `null` or no field at all. */
export function optionalObject(from: GoObject, field: string): GoObject | undefined {
  const value = from[field] ?? undefined
  return value === undefined ? undefined : asObject(value, field)
}

/** The object in a field that must have one. */
export function requiredObject(from: GoObject, field: string): GoObject {
  return asObject(from[field], field)
}

/** The objects in a list; Go writes an empty list as `null` or `[]`. */
export function objectsIn(from: GoObject, field: string, most: number): GoObject[] {
  const value = from[field] ?? []
  if (!Array.isArray(value)) throw new UnreadableRow(`${field} is no list`)
  if (value.length > most) throw new UnreadableRow(`${field} has more than ${most} entries`)
  return value.map((one: unknown) => asObject(one, field))
}

/** The number in a field of Go's type uint32. */
export function uint32In(from: GoObject, field: string): number {
  const value = from[field]
  if (!isUint32(value)) throw new UnreadableRow(`${field} is no number of 32 bits`)
  return value
}

/** The bytes in a field that must have exactly so many. */
export function bytesIn(from: GoObject, field: string, length: number): Buffer {
  const bytes = optionalBytes(from, field)
  if (bytes.length !== length) throw new UnreadableRow(`${field} has ${bytes.length} bytes, not ${length}`)
  return bytes
}

/** The bytes in a field, none where Go has nil. */
export function optionalBytes(from: GoObject, field: string): Buffer {
  const value = from[field] ?? ''
  if (typeof value !== 'string' || !BASE64.test(value)) throw new UnreadableRow(`${field} is no base64`)
  return Buffer.from(value, 'base64')
}

/** Whether Go could hold this number in a uint32. */
export function isUint32(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= UINT32_MAX
}

/** Bytes as Go writes them. */
export function goBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** A row as Go writes it. */
export function goRow(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function asObject(value: unknown, name: string): GoObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UnreadableRow(`${name} is no object`)
  // Any object that is no list has names of its own.
  return value as GoObject
}
