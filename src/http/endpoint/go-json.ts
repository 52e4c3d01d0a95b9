import type { ZodType } from 'zod'
import { isReceived } from './fields.ts'

/** Renames the keys of a decoded JSON value to the names a schema declares. */
export type Fold = (value: unknown) => unknown

/**
 * Compiles a schema into a function that matches object keys the way Go's decoder does: the exact name wins, then the
 * name ignoring case; of two spellings of one field the later one counts; `null` counts as absent; unknown keys are
 * dropped. Values of another type than declared are passed on for the schema to refuse, and records and other open
 * schemas are left as they are.
 */
export function compileFold(schema: ZodType): Fold {
  const shape = shapeOf(schema, new Map())
  return (value) => fold(value, shape)
}

/** What folding needs to know of a schema. A schema without keys and elements leaves its value alone. */
interface Shape {
  /** Exact and folded names -> the declared member. */
  members?: Map<string, Member>
  /** The object also takes keys that it does not declare. */
  open?: boolean
  element?: Shape
}

interface Member {
  name: string
  shape: Shape
}

function fold(value: unknown, shape: Shape): unknown {
  // A long text that was received is no object of the caller's.
  if (typeof value !== 'object' || value === null || isReceived(value)) return value
  if (Array.isArray(value)) return shape.element === undefined ? value : foldElements(value, shape.element)
  return shape.members === undefined ? value : foldMembers(value, shape.members, shape.open === true)
}

/** Go leaves the element's zero value where a list says `null`. */
function foldElements(values: unknown[], element: Shape): unknown[] {
  return values.map((value) => {
    if (value !== null) return fold(value, element)
    return element.members === undefined ? undefined : {}
  })
}

function foldMembers(value: object, members: Map<string, Member>, open: boolean): Record<string, unknown> {
  const folded: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (entry === null) continue
    const member = members.get(key) ?? members.get(foldName(key))
    if (member !== undefined) folded[member.name] = fold(entry, member.shape)
    else if (open && key !== '__proto__') folded[key] = entry
  }
  return folded
}

/** Go folds two letters outside ASCII onto ASCII ones: the Kelvin sign, which lower-casing covers, and the long s. */
function foldName(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's')
}

/** The parts of a Zod definition that matter here; a kind that has none of them is a leaf. */
export interface Definition {
  type: string
  shape?: Record<string, ZodType>
  catchall?: ZodType
  element?: ZodType
  innerType?: ZodType
  in?: ZodType
  out?: ZodType
  options?: ZodType[]
  left?: ZodType
  right?: ZodType
  getter?: () => ZodType
}

/** `known` holds the shapes under construction, so that a schema may contain itself. */
function shapeOf(schema: ZodType, known: Map<ZodType, Shape>): Shape {
  const existing = known.get(schema)
  if (existing !== undefined) return existing
  // Zod types a definition by kind; reading it as a bag of optional parts spares a switch over every kind.
  const definition = schema.def as Definition
  const parts = partsOf(definition)
  const only = parts[0]
  if (only !== undefined && parts.length === 1) return shapeOf(only, known)

  const shape: Shape = {}
  known.set(schema, shape)
  if (definition.shape !== undefined) addMembers(shape, definition, known)
  if (definition.type === 'array' && definition.element) shape.element = shapeOf(definition.element, known)
  for (const part of parts) merge(shape, shapeOf(part, known))
  return shape
}

function addMembers(shape: Shape, definition: Definition, known: Map<ZodType, Shape>): void {
  const declared = Object.entries(definition.shape ?? {}).map(
    ([name, field]): Member => ({ name, shape: shapeOf(field, known) }),
  )
  // The first declared name takes the spellings that match no name exactly, so exact names are entered last.
  shape.members = new Map(declared.toReversed().map((member) => [foldName(member.name), member]))
  for (const member of declared) shape.members.set(member.name, member)
  shape.open = definition.catchall !== undefined && definition.catchall.def.type !== 'never'
}

/** The schemas a wrapper, pipe, union or intersection consists of. A transform in front of a pipe has no shape. */
export function partsOf(definition: Definition): ZodType[] {
  const first = definition.in?.def.type === 'transform' ? definition.out : definition.in
  const parts = [
    definition.innerType,
    first,
    definition.left,
    definition.right,
    ...(definition.options ?? []),
  ]
  if (definition.type === 'lazy' && definition.getter) parts.push(definition.getter())
  return parts.filter((part) => part !== undefined)
}

/** Where two members of a union declare the same name differently, what is below that name is left as it came. */
function merge(into: Shape, part: Shape): void {
  for (const [key, member] of part.members ?? []) {
    into.members ??= new Map()
    const known = into.members.get(key)
    if (known === undefined) into.members.set(key, member)
    else if (known.shape !== member.shape) into.members.set(key, { name: known.name, shape: {} })
  }
  if (part.open === true) into.open = true
  if (part.element !== undefined) into.element = into.element === undefined ? part.element : {}
}
