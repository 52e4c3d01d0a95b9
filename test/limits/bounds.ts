import { z } from 'zod'
import { dialects, operators } from '../../src/dialects/index.ts'
import type { Dialect, EndpointGroup, MountedDialect } from '../../src/http/endpoint/dialect.ts'
import type { Endpoint } from '../../src/http/endpoint/endpoint.ts'
import { mountsOf } from '../../src/http/endpoint/mounts.ts'
import { openApiPath } from '../../src/http/server/openapi.ts'
import { limits } from '../../src/lib/limits.ts'

/** A text or a list somewhere in what an endpoint takes. */
export interface Field {
  place: 'body' | 'query'
  /** `['ContextInfo', 'MentionedJID', '[]']`; the brackets stand for an entry of a list. */
  path: string[]
  kind: 'text' | 'list'
  max: number
  /** The schema of a list's entries. */
  items?: unknown
}

/** An endpoint as a client reaches it. */
export interface Route {
  name: string
  base: string
  endpoint: Endpoint
  /** The header with the key, and whether it is the administrator's. */
  keyHeader: string
  isAdmin: boolean
}

/** Every dialect once, below its name. */
export const everyDialect: MountedDialect[] = [
  ...mountsOf(dialects, []).filter(({ base }) => base !== '/'),
  operators,
]

/** Every endpoint there is. */
export const routes: Route[] = everyDialect.flatMap(({ dialect, base }) =>
  dialect.groups.flatMap((group) =>
    group.endpoints.map((endpoint) => ({
      name: `${dialect.name}: ${endpoint.method} ${endpoint.path}`,
      base,
      endpoint,
      keyHeader: keyHeader(dialect, group),
      isAdmin: group.security.toLowerCase().includes('admin'),
    })),
  ),
)

function keyHeader(dialect: Dialect, { security }: EndpointGroup): string {
  const scheme: { name?: string } = dialect.securitySchemes[security] ?? {}
  return scheme.name ?? 'Token'
}

/** Addresses that one dialect looks at before it reads a body. */
const ADDRESSES: Record<string, string> = {
  '/multisession/groups/{group_jid}': '120363000000000001@g.us',
  '/multisession/newsletters/{jid}': '120363000000000002@newsletter',
}

/** The path of a route, with `id` wherever it has a parameter that is no address of a known kind. */
export function pathOf({ base, endpoint }: Route, id: string): string {
  const path = base + openApiPath(endpoint.path)
  const [known = '', address = ''] = Object.entries(ADDRESSES).find(([start]) => path.startsWith(start)) ?? []
  const addressed = known.replace(/\{\w+\}/, encodeURIComponent(address)) + path.slice(known.length)
  return addressed.replace(/\{\w+\}/g, encodeURIComponent(id))
}

/** All texts and lists that an endpoint takes; files, and texts of which only some are allowed, are not among them. */
export function fieldsOf({ body, query, method }: Endpoint): Field[] {
  return [
    ...(body && method !== 'get' ? fieldsIn(schemaOf(body), 'body', []) : []),
    ...(query ? fieldsIn(schemaOf(query), 'query', []) : []),
  ]
}

function schemaOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

/** The parts of JSON Schema that requests use. */
interface Shape {
  type?: unknown
  format?: unknown
  enum?: unknown
  maxLength?: number
  maxItems?: number
  properties?: Record<string, unknown>
  items?: unknown
  anyOf?: unknown[]
}

function fieldsIn(schema: unknown, place: Field['place'], path: string[]): Field[] {
  const shape: Shape = Object(schema)
  if (shape.anyOf) return shape.anyOf.flatMap((member) => fieldsIn(member, place, path))
  switch (shape.type) {
    case 'object':
      return Object.entries(shape.properties ?? {}).flatMap(([name, member]) =>
        fieldsIn(member, place, [...path, name]),
      )
    case 'array': {
      const { items, maxItems: max = limits.list.max } = shape
      return [{ place, path, kind: 'list', max, items }, ...fieldsIn(items, place, [...path, '[]'])]
    }
    case 'string':
      if (shape.format !== undefined || shape.enum !== undefined) return []
      return [{ place, path, kind: 'text', max: shape.maxLength ?? limits.text.max }]
    default:
      return []
  }
}

/** JSON of which only this field is there, with a text or a list that has so many characters or entries. */
export function jsonWith({ path, kind, items }: Field, size: number): string {
  const value = kind === 'text' ? `"${'x'.repeat(size)}"` : `[${Array(size).fill(smallest(items)).join(',')}]`
  return path.reduceRight(
    (inside, name) => (name === '[]' ? `[${inside}]` : `{${JSON.stringify(name)}:${inside}}`),
    value,
  )
}

/** A short value of that type, as JSON. */
function smallest(schema: unknown): string {
  const { type }: Shape = Object(schema)
  return { string: '"x"', object: '{}', array: '[]', boolean: 'true' }[String(type)] ?? '1'
}
