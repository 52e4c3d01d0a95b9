import { type ZodType, z } from 'zod'
import { limits } from '../../lib/limits.ts'
import type { Dialect, EndpointGroup, Stream } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'

type Json = Record<string, unknown>

/** A dialect's endpoints as an OpenAPI 3.1 document; `base` is where the dialect is mounted. */
export function openApiDocument(dialect: Dialect, base: string): Json {
  const paths: Record<string, Json> = {}
  for (const group of dialect.groups)
    for (const endpoint of group.endpoints) {
      const path = openApiPath(endpoint.path)
      paths[path] = { ...paths[path], [endpoint.method]: operation(dialect, group, endpoint) }
    }
  for (const stream of dialect.streams ?? []) paths[openApiPath(stream.path)] = { get: handshake(stream) }
  if (dialect.hasSwaggerFiles) for (const file of SWAGGER_FILES) paths[file.path] = { get: ownFile(file) }

  return {
    openapi: '3.1.0',
    info: { title: dialect.title, version: '1.0.0', description: BOUNDS },
    servers: [{ url: base }],
    tags: tagsOf(dialect).map((name) => ({ name })),
    paths,
    components: { securitySchemes: dialect.securitySchemes, schemas: { Failure: dialect.envelope.fail } },
  }
}

const BOUNDS = `Where nothing else is said, a text of a request has at most ${limits.text.max} characters and a list ${limits.list.max} entries.`

const STREAMS_TAG = 'WebSocket'
const DOCUMENT_TAG = 'Documentation'

/** This document under the names that Swagger's own tools give it. */
export const SWAGGER_FILES = [
  { path: '/docs/swagger.json', summary: 'This document as JSON', contentType: 'application/json' },
  { path: '/docs/swagger.yaml', summary: 'This document as YAML', contentType: 'application/x-yaml' },
] as const

function tagsOf({ groups, streams = [], hasSwaggerFiles }: Dialect): string[] {
  return [
    ...new Set([
      ...groups.map(({ tag }) => tag),
      ...streams.map(() => STREAMS_TAG),
      ...(hasSwaggerFiles ? [DOCUMENT_TAG] : []),
    ]),
  ]
}

function ownFile({ path, summary, contentType }: (typeof SWAGGER_FILES)[number]): Json {
  return {
    operationId: operationId({ method: 'get', path }),
    tags: [DOCUMENT_TAG],
    summary,
    security: [],
    responses: {
      200: { description: 'Success', content: { [contentType]: { schema: { type: 'object' } } } },
    },
  }
}

/** A WebSocket as far as OpenAPI has words for one: the request that opens it. */
function handshake(stream: Stream): Json {
  const { path, summary, security } = stream
  const isTalk = stream.kind === 'talk'
  return {
    operationId: operationId({ method: 'get', path }),
    tags: [STREAMS_TAG],
    summary,
    description: isTalk
      ? stream.description
      : `A browser, which cannot set \`${stream.keyHeader}\`, offers the subprotocols \`events\` and \`key.<base64url of the key>\`.`,
    security: [{ [security]: [] }],
    parameters: [
      ...parameters('path', pathSchema({ path })),
      ...(isTalk ? parameters('query', stream.query) : []),
    ],
    responses: {
      101: { description: isTalk ? 'Both sides talk' : 'Every text frame is one event' },
      default: isTalk
        ? { description: 'Failure', content: { 'text/plain': { schema: { type: 'string' } } } }
        : {
            description: 'Failure',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
          },
    },
  }
}

/** Express and the references mark a path parameter differently; the document has one form. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Any text: a request repeated with the same one within a day gets the first answer',
  schema: { type: 'string', maxLength: 255 },
}

function operation(dialect: Dialect, group: EndpointGroup, endpoint: Endpoint): Json {
  const { reply } = endpoint
  const contentTypes = contentTypesOf(reply).map(mediaType)
  if (contentTypes.length === 0) contentTypes.push(mediaType(endpoint.contentType ?? dialect.contentType))
  const result = jsonSchema(reply.schema, 'output')
  const schema = reply.bare ? result : dialect.envelope.ok(result)
  return {
    operationId: operationId(endpoint),
    tags: [group.tag],
    summary: endpoint.summary,
    ...(endpoint.description !== undefined && { description: endpoint.description }),
    security: group.security === 'none' ? [] : [{ [group.security]: [] }],
    parameters: [
      ...parameters('path', pathSchema(endpoint)),
      ...parameters('query', endpoint.query),
      ...(endpoint.repeatable ? [idempotencyKey] : []),
    ],
    ...(endpoint.body && { requestBody: requestBody(endpoint.body) }),
    responses: {
      [reply.status]: {
        description: 'Success',
        content: Object.fromEntries(contentTypes.map((type) => [type, { schema }])),
      },
      default: {
        description: 'Failure',
        content: { [mediaType(dialect.contentType)]: { schema: { $ref: '#/components/schemas/Failure' } } },
      },
    },
  }
}

/** Names of the fields of a body that may be files, as parts of a form (`binary`) or in base64 only (`byte`). */
export function fileFields(body: ZodType | undefined, formats: unknown[] = ['binary', 'byte']): string[] {
  if (body === undefined) return []
  const properties = Object.entries(jsonSchema(body, 'input').properties ?? {})
  return properties.filter(([, property]) => formats.includes(property.format)).map(([name]) => name)
}

/** Names of the fields of a body whose values are not texts, so that a form has to write them as JSON. */
export function jsonFields(body: ZodType | undefined): string[] {
  if (body === undefined) return []
  const properties = Object.entries(jsonSchema(body, 'input').properties ?? {})
  const types: unknown[] = ['boolean', 'integer', 'number', 'object', 'array']
  return properties.filter(([, property]) => types.includes(property.type)).map(([name]) => name)
}

function requestBody(body: ZodType): Json {
  const schema = jsonSchema(body, 'input')
  const types =
    fileFields(body, ['binary']).length > 0
      ? ['multipart/form-data', 'application/json']
      : ['application/json']
  return {
    required: !body.isOptional(),
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  }
}

/** A path parameter that no schema describes is a string. */
function pathSchema(endpoint: Pick<Endpoint, 'path' | 'params'>): ZodType {
  if (endpoint.params) return endpoint.params
  const names = [...openApiPath(endpoint.path).matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])))
}

function parameters(place: 'path' | 'query', schema: ZodType | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input')
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

/** The part of JSON Schema that parameters are read from. */
interface ObjectSchema extends Json {
  properties?: Record<string, Json>
  required?: string[]
}

/** A schema that contains itself is refused: its references would not survive being placed inside the document. */
function jsonSchema(schema: ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    cycles: 'throw',
    override: ({ jsonSchema: node }) => withoutSafeRange(node),
  })
  // The generated type describes every JSON Schema ever; this reads the three members above.
  return rest as ObjectSchema
}

/** Every whole number is bounded by what a double holds exactly; saying so of each would only be noise. */
function withoutSafeRange(node: { minimum?: number; maximum?: number }): void {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum
}

function contentTypesOf({ contentType }: Endpoint['reply']): string[] {
  if (contentType === undefined) return []
  return typeof contentType === 'string' ? [contentType] : contentType.all
}

function mediaType(contentType: string): string {
  return contentType.replace(/;.*$/, '')
}

function operationId({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  const words = path.split(/\W+/).filter((word) => word !== '')
  return [method, ...words]
    .map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('')
}
