import { type ZodType, z } from 'zod'

/** JSON that is written into a document. */
export type Json = Record<string, unknown>

/** The part of JSON Schema that documents are made of. */
export interface Schema extends Json {
  type?: string | string[]
  format?: string
  title?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  maxLength?: number
}

/** A schema that contains itself is refused: its references would not survive being placed inside the document. */
export function jsonSchema(schema: ZodType, io: 'input' | 'output'): Schema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    cycles: 'throw',
    override: ({ zodSchema, jsonSchema: node }) => {
      withoutSafeRange(node)
      withoutRepetitions(node)
      withWords(node, zodSchema)
      if (io === 'input') withoutEmptyDefault(node)
      withExample(node)
    },
  })
  // The generated type describes every JSON Schema ever; this is what our declarations come to.
  return rest as Schema
}

/** Every whole number is bounded by what a double holds exactly; saying so of each would only be noise. */
function withoutSafeRange(node: { minimum?: number; maximum?: number }): void {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum
}

/** An absent text is an empty one nearly everywhere; a client's types would demand a field of which that is said. */
function withoutEmptyDefault(node: { default?: unknown }): void {
  if (node.default === '') delete node.default
}

/** A text that is passed on to a list of words is one of them; the empty one, of an absent field, is not said. */
function withWords(node: { enum?: unknown[] }, schema: z.core.$ZodTypes): void {
  const { def } = schema._zod
  // Everything that zod makes is one of the types that it describes.
  const target = def.type === 'pipe' ? (def.out as z.core.$ZodTypes)._zod.def : undefined
  if (target?.type === 'enum') node.enum = Object.values(target.entries).filter((word) => word !== '')
}

/** Zod leaves `examples` out of what is transformed later; `example` in the `meta` of a field comes here. */
function withExample(node: { example?: unknown; examples?: unknown[] }): void {
  if (node.example === undefined) return
  node.examples = [node.example]
  delete node.example
}

/** Alternatives that differ only in what is checked later are one in a document. */
function withoutRepetitions(node: { anyOf?: unknown[] }): void {
  if (node.anyOf === undefined) return
  const written = node.anyOf.map((member) => JSON.stringify(member))
  const members = node.anyOf.filter((_member, index) => written.indexOf(written[index] ?? '') === index)
  if (members.length > 1) node.anyOf = members
  else {
    delete node.anyOf
    Object.assign(node, members[0], { ...node })
  }
}

/** Names of the fields of a body that may be files, as parts of a form (`binary`) or in base64 only (`byte`). */
export function fileFields(body: ZodType | undefined, formats: string[] = ['binary', 'byte']): string[] {
  if (body === undefined) return []
  const properties = Object.entries(jsonSchema(body, 'input').properties ?? {})
  return properties.filter(([, { format = '' }]) => formats.includes(format)).map(([name]) => name)
}

/** Names of the fields of a body whose values are not texts, so that a form has to write them as JSON. */
export function jsonFields(body: ZodType | undefined): string[] {
  if (body === undefined) return []
  const properties = Object.entries(jsonSchema(body, 'input').properties ?? {})
  const types: unknown[] = ['boolean', 'integer', 'number', 'object', 'array']
  return properties.filter(([, { type }]) => types.includes(type)).map(([name]) => name)
}

/** A schema with each of those right inside it replaced: of its members, its entries and its alternatives. */
export function mapInnerSchemas(schema: Schema, change: (inner: Schema, name?: string) => Schema): Schema {
  const mapped: Schema = { ...schema }
  const { properties, items, additionalProperties } = schema
  if (properties)
    mapped.properties = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, change(inner, name)]),
    )
  if (items) mapped.items = change(items)
  if (typeof additionalProperties === 'object') mapped.additionalProperties = change(additionalProperties)
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const members = schema[key]
    if (members) mapped[key] = members.map((member) => change(member))
  }
  return mapped
}
