import type { Schema } from './json-schema.ts'
import { fieldWords, type Glossary } from './words.ts'

/** Deeper than this nobody reads an example. */
const DEEPEST = 12

/**
 * A value that a schema allows. Of objects in requests what has to be there, or, where nothing has to, what the glossary
 * knows a value of; of those in answers everything.
 */
export function exampleOf(
  schema: Schema,
  fields: Glossary,
  { all, name = '', depth = 0 }: { all: boolean; name?: string; depth?: number },
): unknown {
  const [first] = Array.isArray(schema.examples) ? schema.examples : []
  if (first !== undefined) return first
  if (schema.const !== undefined) return schema.const
  const own = fieldWords(fields, name).example
  if (own !== undefined && allows(schema, own)) return own
  if (schema.enum) return schema.enum[0]
  const inside = (inner: Schema, innerName = name) =>
    exampleOf(inner, fields, { all, name: innerName, depth: depth + 1 })

  const [alternative] = schema.anyOf ?? schema.oneOf ?? []
  if (alternative) return inside(alternative)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => inside(part)))
  switch (typeOf(schema)) {
    case 'object':
      return depth > DEEPEST ? {} : membersOf(schema, { fields, all, inside })
    case 'array':
      return schema.items && depth <= DEEPEST ? listOf(schema, inside(schema.items, singular(name))) : []
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return schema.default ?? all
    case 'null':
      return null
    default:
      return schema.default ?? (all ? {} : '')
  }
}

function membersOf(
  { properties = {}, required = [] }: Schema,
  { fields, all, inside }: { fields: Glossary; all: boolean; inside(inner: Schema, name: string): unknown },
): object {
  const members = Object.entries(properties)
  const needed = members.filter(([name, inner]) => all || required.includes(name) || inner.examples)
  const worth = members.filter(
    ([name, inner]) => inner.enum || fieldWords(fields, name).example !== undefined,
  )
  const shown = [needed, worth, members].find((some) => some.length > 0) ?? []
  return Object.fromEntries(shown.map(([name, inner]) => [name, inside(inner, name)]))
}

/** As many entries as there must be, all different. */
function listOf({ minItems = 1 }: Schema, entry: unknown): unknown[] {
  const least = Math.max(1, Number(minItems))
  return Array.from({ length: least }, (_, index) =>
    index > 0 && typeof entry === 'string' ? `${entry} ${index + 1}` : entry,
  )
}

/** A name of many things as that of one: `participants` are described as a `participant` is. */
function singular(name: string): string {
  return name.replace(/(ie)?s$/i, (_all, ie?: string) => (ie ? 'y' : ''))
}

function textOf({ format, default: usual, minLength = 0, maxLength = 64, pattern }: Schema): string {
  if (format === 'date-time') return '2026-03-14T15:09:26Z'
  if (format === 'byte') return 'aGVsbG8='
  if (format === 'uri') return 'https://example.com/'
  if (typeof usual === 'string' && usual !== '') return usual
  if (typeof pattern === 'string' && pattern.includes('[0-9]')) return '0'.repeat(Number(minLength) || 1)
  return 'text'.padEnd(Number(minLength), 'x').slice(0, maxLength)
}

function numberOf({ default: usual, minimum, exclusiveMinimum, maximum }: Schema): number {
  if (typeof usual === 'number') return usual
  const least = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Number(minimum ?? 1)
  return Math.min(Math.max(1, least), Number(maximum ?? Number.MAX_SAFE_INTEGER))
}

function typeOf({ type, properties }: Schema): string | undefined {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null'
  return type ?? (properties ? 'object' : undefined)
}

/** Whether a value of the glossary, which knows only a name, may stand here. */
function allows(schema: Schema, value: unknown): boolean {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return alternatives.some((one) => allows(one, value))
  if (schema.enum) return schema.enum.includes(value)
  const type = typeOf(schema)
  if (typeof value === 'string')
    return (
      type === 'string' &&
      value.length <= (schema.maxLength ?? value.length) &&
      (typeof schema.pattern !== 'string' || new RegExp(schema.pattern).test(value))
    )
  if (typeof value === 'number')
    return (
      (type === 'number' || (type === 'integer' && Number.isInteger(value))) &&
      value >= Number(schema.minimum ?? value) &&
      value <= Number(schema.maximum ?? value)
    )
  if (Array.isArray(value)) return type === 'array' && value.every((one) => allows(schema.items ?? {}, one))
  if (value === null) return type === 'null'
  return type === (typeof value === 'object' ? 'object' : typeof value)
}
