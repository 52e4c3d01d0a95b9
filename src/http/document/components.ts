import { type Json, mapInnerSchemas, type Schema } from './json-schema.ts'

/** The schemas of a document that have a name of their own: typed clients make a type of each. */
export class SchemaComponents {
  readonly #schemas = new Map<string, Schema>()
  readonly #written = new Map<string, string>()

  /** All of them by name. */
  get all(): Record<string, Schema> {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Gives a schema a name, and refers to it by that from now on. Those inside that bear a title go out of it as well. */
  named(name: string, schema: Schema): Json {
    this.#add(name, this.inner(schema))
    return { $ref: `#/components/schemas/${name}` }
  }

  /** A schema in which those that bear a title are references. What is said of such a field stays beside its reference. */
  place(schema: Schema): Schema {
    const { title } = schema
    if (title === undefined) return this.inner(schema)
    const { description, default: usual, ...shape } = schema
    this.#add(title, this.inner(shape))
    return {
      $ref: `#/components/schemas/${title}`,
      ...(description !== undefined && { description }),
      ...(usual !== undefined && { default: usual }),
    }
  }

  /** The same of what is inside a schema. */
  inner(schema: Schema): Schema {
    return mapInnerSchemas(schema, (inside) => this.place(inside))
  }

  #add(name: string, schema: Schema): void {
    const { title, ...shape } = schema
    const written = JSON.stringify(shape)
    const before = this.#written.get(name)
    if (before !== undefined && before !== written) throw new Error(`two schemas are called ${name}`)
    this.#written.set(name, written)
    this.#schemas.set(name, shape)
  }
}
