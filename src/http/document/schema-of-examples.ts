import type { Schema } from './json-schema.ts'

/** The schema that several values have in common; a member is required when every one of them has it. */
export function schemaOfAll(values: unknown[]): Schema {
  return values.map(schemaOf).reduce(union, {})
}

function schemaOf(value: unknown): Schema {
  if (value === null) return { type: 'null' }
  if (Array.isArray(value))
    return value.length > 0 ? { type: 'array', items: schemaOfAll(value) } : { type: 'array' }
  if (typeof value === 'object') {
    const members = Object.entries(value)
    // Names that no program would give are values themselves: reactions by their emoji.
    if (members.some(([name]) => !/^[\w$.:-]+$/.test(name)))
      return { type: 'object', additionalProperties: schemaOfAll(members.map(([, inner]) => inner)) }
    return {
      type: 'object',
      properties: Object.fromEntries(members.map(([name, inner]) => [name, schemaOf(inner)])),
      required: members.map(([name]) => name),
    }
  }
  if (typeof value === 'number') return { type: 'number' }
  return { type: typeof value }
}

function union(one: Schema, other: Schema): Schema {
  if (Object.keys(one).length === 0) return other
  if (Object.keys(other).length === 0) return one
  const types = [...new Set([...typesOf(one), ...typesOf(other)])]
  const type = types.length === 1 ? types[0] : types
  const items = one.items && other.items ? union(one.items, other.items) : (one.items ?? other.items)
  const properties = unionOfMembers(one, other)
  const hasObjects = [one, other].map(({ properties }) => properties !== undefined)
  const required = hasObjects.every(Boolean)
    ? one.required?.filter((name) => other.required?.includes(name))
    : (one.required ?? other.required)
  const others = one.additionalProperties ?? other.additionalProperties
  return {
    type,
    ...(items && { items }),
    ...(properties && { properties }),
    ...(required && { required }),
    ...(others !== undefined && { additionalProperties: others }),
  }
}

function unionOfMembers(one: Schema, other: Schema): Schema['properties'] {
  if (!one.properties || !other.properties) return one.properties ?? other.properties
  const names = new Set([...Object.keys(one.properties), ...Object.keys(other.properties)])
  return Object.fromEntries(
    [...names].map((name) => [name, union(one.properties?.[name] ?? {}, other.properties?.[name] ?? {})]),
  )
}

function typesOf({ type }: Schema): string[] {
  return Array.isArray(type) ? type : type === undefined ? [] : [type]
}
