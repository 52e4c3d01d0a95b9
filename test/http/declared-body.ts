import fc from 'fast-check'
import { type ZodType, z } from 'zod'

/** Bodies as an endpoint declares them, with one of these texts in every place for a text. */
export function declaredBody(schema: ZodType, texts: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return arbitraryOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), texts)
}

/** The parts of JSON Schema that bodies use. */
interface Shape {
  type?: unknown
  properties?: Record<string, unknown>
  required?: string[]
  items?: unknown
  enum?: unknown[]
  anyOf?: unknown[]
}

function arbitraryOf(schema: unknown, texts: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const shape: Shape = Object(schema)
  if (shape.enum) return fc.constantFrom(...shape.enum)
  if (shape.anyOf) return fc.oneof(...shape.anyOf.map((member) => arbitraryOf(member, texts)))
  switch (shape.type) {
    case 'object': {
      const members = Object.entries(shape.properties ?? {}).map(
        ([key, member]) => [key, arbitraryOf(member, texts)] as const,
      )
      return fc.record(Object.fromEntries(members), { requiredKeys: shape.required ?? [] })
    }
    case 'array':
      return fc.array(arbitraryOf(shape.items, texts), { minLength: 1, maxLength: 2 })
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({ min: 1, max: 9 })
    default:
      return texts
  }
}
