import { type ZodType, z } from 'zod'
import { ApiError } from '../../lib/errors.ts'
import { limits } from '../../lib/limits.ts'
import { isReceived } from '../endpoint/fields.ts'
import { type Definition, partsOf } from '../endpoint/go-json.ts'

/** Throws `invalid_field` with a sentence that names what is too large, and how large it may be. */
export type CheckSizes = (value: unknown) => void

/** JSON of a request besides its files: what the texts and lists of any endpoint need, and parsed within a moment. */
const JSON_BYTES = 2 * 1024 * 1024
/** A value of any shape is passed on to functions that call themselves for what is inside. */
const FREE_DEPTH = 64

/** How large a value may be. What a schema does not declare is bounded as well; a value of the wrong type is its business. */
interface Sizes {
  characters?: number
  entries?: number
  element?: Sizes
  members?: Map<string, Sizes>
  /** Takes values of any shape. */
  isFree?: boolean
  /** A file, which the limit of the whole body bounds. */
  isFile?: boolean
}

/** Compiles a schema into a function that refuses a value with a part that is too large, before the schema sees it. */
export function compileSizes(schema: ZodType): CheckSizes {
  const sizes = sizesOf(schema, {})
  return (value) => check(value, sizes, '')
}

/** The largest JSON of a request with this body, its files not counted, in bytes. */
export function jsonBytesOf(schema: ZodType | undefined): number {
  return JSON_BYTES + (schema ? longTexts(sizesOf(schema, {})) : 0)
}

/** The characters of the texts that may be longer than most: pictures in base64. */
function longTexts({ characters = 0, element, members }: Sizes): number {
  const inside = [...(element ? [element] : []), ...(members?.values() ?? [])].map(longTexts)
  return (characters > limits.text.max ? characters : 0) + inside.reduce((sum, each) => sum + each, 0)
}

/** What a schema says about itself, or a schema around it. */
interface Declared {
  maxLength?: unknown
  maxItems?: unknown
  format?: unknown
}

function sizesOf(schema: ZodType, around: Declared): Sizes {
  const declared: Declared = { ...z.globalRegistry.get(schema), ...around }
  // Zod types a definition by kind; go-json.ts reads it as the same bag of optional parts.
  const definition = schema.def as Definition
  switch (definition.type) {
    case 'string':
      return { characters: maximum(declared.maxLength, limits.text.max) }
    case 'array':
      return {
        entries: maximum(declared.maxItems, limits.list.max),
        element: elementSizes(definition),
      }
    case 'object':
      return objectSizes(definition)
    case 'record':
    case 'map':
    case 'set':
    case 'tuple':
    case 'any':
    case 'unknown':
    case 'custom':
      return ['binary', 'byte'].some((format) => format === declared.format)
        ? { isFile: true }
        : { isFree: true }
    default:
      return partsOf(definition)
        .map((part) => sizesOf(part, declared))
        .reduce<Sizes>(merged, {})
  }
}

function objectSizes({ shape = {}, catchall }: Definition): Sizes {
  const members = Object.entries(shape).map(([name, member]) => [name, sizesOf(member, {})] as const)
  const isOpen = catchall !== undefined && catchall.def.type !== 'never'
  return { members: new Map(members), ...(isOpen && { isFree: true }) }
}

/** Nothing for entries of which none can be too large: a list of numbers is not walked. */
function elementSizes({ element }: Definition): Sizes | undefined {
  const sizes = element ? sizesOf(element, {}) : {}
  return Object.values(sizes).some((size) => size !== undefined) ? sizes : undefined
}

function maximum(declared: unknown, usual: number): number {
  return typeof declared === 'number' ? declared : usual
}

/** Of two schemas one of which a value has to match, the more generous one counts. */
function merged(one: Sizes, other: Sizes): Sizes {
  const members = new Map(one.members ?? other.members)
  if (one.members)
    for (const [name, sizes] of other.members ?? []) members.set(name, merged(members.get(name) ?? {}, sizes))
  return {
    characters: larger(one.characters, other.characters),
    entries: larger(one.entries, other.entries),
    element:
      one.element && other.element ? merged(one.element, other.element) : (one.element ?? other.element),
    members: one.members || other.members ? members : undefined,
    isFree: one.isFree || other.isFree,
    isFile: one.isFile || other.isFile,
  }
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

/** `path` is how a caller knows the value: `ContextInfo.MentionedJID[3]`; empty for the body as a whole. */
function check(value: unknown, sizes: Sizes, path: string): void {
  if (sizes.isFile) return
  if (typeof value === 'string') checkText(value, sizes, path)
  else if (Array.isArray(value)) checkList(value, sizes, path)
  else if (typeof value === 'object' && value !== null) checkObject(value, sizes, path)
}

function checkObject(value: object, sizes: Sizes, path: string): void {
  const { members, characters = limits.text.max } = sizes
  if (isReceived(value)) throw tooLong(path, characters)
  const undeclared: [string, unknown][] = []
  for (const [name, entry] of Object.entries(value)) {
    const member = members?.get(name)
    if (member) check(entry, member, path === '' ? name : `${path}.${name}`)
    else undeclared.push([name, entry])
  }
  if (undeclared.length > 0) checkFree(Object.fromEntries(undeclared), sizes, path)
}

function checkText(text: string, sizes: Sizes, path: string): void {
  const { characters } = sizes
  if (characters === undefined) checkFree(text, sizes, path)
  else if (isLongerThan(characters, text)) throw tooLong(path, characters)
}

function checkList(list: unknown[], sizes: Sizes, path: string): void {
  const { entries, element } = sizes
  if (entries === undefined) checkFree(list, sizes, path)
  else if (list.length > entries) throw tooLarge(`${nameOf(path)} has too many entries: at most ${entries}`)
  else if (element) for (const [at, entry] of list.entries()) check(entry, element, `${path}[${at}]`)
}

/** Only what a schema takes in any shape is measured; elsewhere it is of the wrong type. */
function checkFree(value: unknown, { isFree }: Sizes, path: string): void {
  if (!isFree) return
  const name = nameOf(path)
  let sizeLeft = limits.free.max
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value: inner, depth } = next
    if (depth > FREE_DEPTH) throw tooLarge(`${name} is nested too deeply: at most ${FREE_DEPTH} levels`)
    sizeLeft -= 1 + (typeof inner === 'string' ? inner.length : 0)
    if (typeof inner === 'object' && inner !== null) {
      if (isReceived(inner)) sizeLeft -= inner.sizeBytes
      else
        for (const [key, entry] of Object.entries(inner)) {
          sizeLeft -= key.length
          waiting.push({ value: entry, depth: depth + 1 })
        }
    }
    if (sizeLeft < 0) throw tooLarge(`${name} is too large: at most ${limits.free.max} characters`)
  }
}

/** Characters are code points; a text has at most as many as it has UTF-16 units, and at least half as many. */
function isLongerThan(max: number, text: string): boolean {
  if (text.length <= max) return false
  if (text.length > 2 * max) return true
  let count = 0
  for (const _character of text) count++
  return count > max
}

function tooLong(path: string, max: number): ApiError {
  return tooLarge(`${nameOf(path)} is too long: at most ${max} characters`)
}

function tooLarge(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}

function nameOf(path: string): string {
  return path === '' ? 'the request' : path
}
