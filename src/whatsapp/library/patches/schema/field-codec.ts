import type protobuf from 'protobufjs/minimal.js'

/** Types of fields that are written as they are; an enum is an `int32`. */
type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32' | 'int64' | 'uint64'

/** The static side of a generated class of the library, or of one of ours. */
export interface MessageClass {
  new (): object
  prototype: object
  encode(message: object, writer?: protobuf.Writer): protobuf.Writer
  decode(reader: protobuf.Reader | Uint8Array, length?: number, end?: number): object
  fromObject(object: object): object
  toObject(message: object, options?: protobuf.IConversionOptions): Record<string, unknown>
}

/** One field: its number, and a scalar or a class. A class is given by a function, as classes name each other. */
export interface Field {
  id: number
  type: Scalar | (() => MessageClass)
  repeated?: true
}

export type Fields = Record<string, Field>
type Values = Record<string, unknown>

const DELIMITED = 2
const WIRE_TYPES: Record<Scalar, number> = {
  string: DELIMITED,
  bytes: DELIMITED,
  bool: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
}

/** Writes those of the fields that a message has. */
export function writeFields(fields: Fields, message: object, writer: protobuf.Writer): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = valueAt(message, name)
    for (const one of field.repeated ? listOf(value) : [value])
      if (one !== undefined && one !== null) writeField(field, one, writer)
  }
}

function writeField({ id, type }: Field, value: unknown, writer: protobuf.Writer): void {
  if (typeof type === 'string') {
    writer.uint32((id << 3) | WIRE_TYPES[type])
    // What the caller built has the type of the field, as with the generated classes.
    writer[type](value as never)
  } else {
    type()
      .encode(value as object, writer.uint32((id << 3) | DELIMITED).fork())
      .ldelim()
  }
}

/** Reads the fields that stand between here and `end` into a message, and skips all others. */
export function readFields(fields: Fields, message: object, reader: protobuf.Reader, end: number): void {
  const byId = tableOf(fields)
  const values = message as Values
  while (reader.pos < end) {
    const tag = reader.uint32()
    const found = byId.get(tag >>> 3)
    if (!found) {
      reader.skipType(tag & 7)
      continue
    }
    const [name, { type, repeated }] = found
    const value = typeof type === 'string' ? reader[type]() : type().decode(reader, reader.uint32())
    values[name] = repeated ? [...listOf(valueAt(message, name)), value] : value
  }
}

/** Puts the fields of a plain object into a message, as `fromObject` of the generated classes does. */
export function fromPlain(fields: Fields, object: object, message: object): void {
  convert(fields, object, message as Values, (type, value) => {
    if (type === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64')
    if (typeof type === 'string' || typeof value !== 'object' || value === null) return value
    return type().fromObject(value)
  })
}

/** Puts the fields of a message into a plain object, as `toObject` of the generated classes does. */
export function toPlain(
  fields: Fields,
  message: object,
  object: Values,
  options: protobuf.IConversionOptions = {},
): void {
  convert(fields, message, object, (type, value) => {
    if (typeof type !== 'string') return type().toObject(value as object, options)
    if (value instanceof Uint8Array)
      return options.bytes === String ? Buffer.from(value).toString('base64') : value
    return typeof value === 'object' && options.longs === String ? String(value) : value
  })
}

function convert(
  fields: Fields,
  from: object,
  to: Values,
  change: (type: Field['type'], value: unknown) => unknown,
): void {
  for (const [name, { type, repeated }] of Object.entries(fields)) {
    const value = valueAt(from, name)
    if (value === undefined || value === null) continue
    to[name] = repeated ? listOf(value).map((one) => change(type, one)) : change(type, value)
  }
}

const tables = new WeakMap<Fields, Map<number, [string, Field]>>()

function tableOf(fields: Fields): Map<number, [string, Field]> {
  let table = tables.get(fields)
  if (!table) {
    table = new Map(Object.entries(fields).map((entry) => [entry[1].id, entry]))
    tables.set(fields, table)
  }
  return table
}

// Own members only: the prototypes of the generated classes hold defaults.
function valueAt(message: object, name: string): unknown {
  return Object.hasOwn(message, name) ? (message as Values)[name] : undefined
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
