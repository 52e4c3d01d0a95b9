import type { Json, JsonObject, ProtoJson } from '../../events/event-parts.ts'

/** The static side of a generated protobuf class, as far as it is needed here. */
export interface ProtoClass<T> {
  toObject(message: T, options?: object): { [key: string]: unknown }
}

// The only 32-bit floats of the schema. Read as doubles they carry digits nobody sent (0.1 -> 0.10000000149011612).
const FLOAT_FIELDS = new Set(['speedInMps', 'weight', 'floatData'])

/**
 * Whoever writes a message chooses how deep it is; what walks through it later, often by recursion, must not be the one to
 * find out. Protobuf's own readers in C++ and Java stop at 100 levels, so no phone shows more; the rest is for what a
 * history has around its messages.
 */
const MAX_DEPTH = 128

/**
 * A decoded protobuf message as `ProtoJson`. `message` must be an instance of `type`: its class knows the oneofs. Throws
 * where it is nested more deeply than phones read.
 */
export function protoJson<T>(type: ProtoClass<T>, message: T): ProtoJson {
  return objectJson(message, type.toObject(message), MAX_DEPTH)
}

/** The same for encoded bytes; null when there are none or they are no such message. For what is merely nice to know. */
export function tryProtoJson<T>(
  type: ProtoClass<T> & { decode(bytes: Uint8Array): T },
  bytes: Uint8Array | undefined,
): ProtoJson | null {
  if (!bytes) return null
  try {
    return protoJson(type, type.decode(bytes))
  } catch {
    // The stanza around it says enough without it.
    return null
  }
}

function objectJson(instance: unknown, plain: { [key: string]: unknown }, depth: number): ProtoJson {
  if (depth === 0) throw new Error('this message is nested too deeply')
  const source = isRecord(instance) ? instance : {}
  const json: JsonObject = {}
  const oneofs = oneofsOf(source)
  if (oneofs.length) {
    json.$oneofs = Object.fromEntries(oneofs.map((name) => [name, stringOrNull(source[name])]))
  }
  for (const [key, value] of Object.entries(plain)) {
    const converted = valueJson(key, { instance: source[key], value, depth: depth - 1 })
    if (converted !== undefined) json[key] = converted
  }
  return json
}

interface Member {
  instance: unknown
  value: unknown
  /** Levels that may follow. */
  depth: number
}

function valueJson(key: string, { instance, value, depth }: Member): Json | undefined {
  if (value instanceof Uint8Array) return value.length ? Buffer.from(value).toString('base64') : undefined
  if (Array.isArray(value)) {
    const items = Array.isArray(instance) ? instance : []
    // An empty element of a list of bytes keeps its place.
    return value.map((item: unknown, at) => valueJson(key, { instance: items[at], value: item, depth }) ?? '')
  }
  if (isLong(value)) return integerJson(value)
  if (isRecord(value)) return objectJson(instance, value, depth)
  if (typeof value === 'number') return numberJson(key, value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return undefined
}

// JSON has no word for infinite or undefined numbers; the field is left out, as if it had not been sent.
function numberJson(key: string, value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined
  return FLOAT_FIELDS.has(key) ? shortestFloat32(value) : value
}

/** The shortest decimal that is still the same 32-bit float: at most nine digits are ever needed. */
function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return value
}

interface Long {
  low: number
  high: number
  unsigned: boolean
}

function isLong(value: unknown): value is Long {
  return isRecord(value) && typeof value.low === 'number' && typeof value.high === 'number'
}

function integerJson({ low, high, unsigned }: Long): Json {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  const integer = unsigned ? bits : BigInt.asIntN(64, bits)
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : { $int: integer.toString() }
}

const knownOneofs = new WeakMap<object, string[]>()

// The generated classes have one accessor per oneof. Names with an underscore are the `optional` of single fields.
function oneofsOf(instance: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(instance)
  if (!isRecord(prototype) || prototype === Object.prototype) return []
  let names = knownOneofs.get(prototype)
  if (!names) {
    names = Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name, { get }]) => get && !name.startsWith('_'))
      .map(([name]) => name)
    knownOneofs.set(prototype, names)
  }
  return names
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
