import { type ZodType, z } from 'zod'
import { limits } from '../../lib/limits.ts'
import { SchemaComponents } from '../document/components.ts'
import { exampleOf } from '../document/examples.ts'
import { FailureAnswers } from '../document/failures.ts'
import { type Json, jsonSchema, type Schema } from '../document/json-schema.ts'
import { bodyForms, formEncoding } from '../document/request-body.ts'
import { WEBHOOKS_TAG, WEBHOOKS_TAG_TEXT, webhookOperations } from '../document/webhooks.ts'
import { type DocumentWords, described, NO_WORDS } from '../document/words.ts'
import type { Dialect, EndpointGroup, FeedStream, SocketStream } from '../endpoint/dialect.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { neededPower, powerWords, streamPower } from '../guard/powers.ts'

/** What a document needs besides the dialect. */
interface DocumentOptions {
  words?: DocumentWords
  /** In whose words failures are told. */
  profile?: string
}

/** What the parts of a document are written with. */
interface Writer {
  dialect: Dialect
  words: DocumentWords
  components: SchemaComponents
  failures: FailureAnswers
}

/** A dialect's endpoints as an OpenAPI 3.1 document with the words for them; `base` is where the dialect is mounted. */
export async function fullDocument(dialect: Dialect, base: string, profile = ''): Promise<Json> {
  const words = (await dialect.words?.()) ?? NO_WORDS
  const { writer, document } = write(dialect, base, { words, profile })
  const webhooks = await webhookOperations(words, writer.components)
  if (Object.keys(webhooks).length === 0) return document
  const tags = [...tagObjects(dialect, words), { name: WEBHOOKS_TAG, description: WEBHOOKS_TAG_TEXT }]
  return { ...document, tags, webhooks, components: componentsOf(writer) }
}

/** The same without what webhooks get. */
export function openApiDocument(dialect: Dialect, base: string, options: DocumentOptions = {}): Json {
  return write(dialect, base, options).document
}

function write(dialect: Dialect, base: string, { words = NO_WORDS, profile = '' }: DocumentOptions) {
  const components = new SchemaComponents()
  components.named('Failure', described(dialect.envelope.fail as Schema, words.fields))
  const writer: Writer = { dialect, words, components, failures: new FailureAnswers(dialect, profile) }
  const paths: Record<string, Json> = {}
  const add = (path: string, method: string, operation: Json) => {
    // Paths that differ in nothing but the names of their parameters are one.
    const known = Object.keys(paths).find((other) => shapeOf(other) === shapeOf(path)) ?? path
    paths[known] = { ...paths[known], [method]: withNamesOf(known, path, operation) }
  }
  for (const group of dialect.groups)
    for (const endpoint of group.endpoints)
      add(openApiPath(endpoint.path), endpoint.method, operation(writer, group, endpoint))
  for (const stream of dialect.streams ?? []) {
    const opened = stream.kind === 'feed' ? feed(writer, stream) : handshake(writer, stream)
    add(openApiPath(stream.path), 'get', opened)
  }
  if (dialect.hasSwaggerFiles) for (const file of SWAGGER_FILES) add(file.path, 'get', ownFile(file))

  const document = {
    openapi: '3.1.0',
    info: {
      title: dialect.title,
      version: '1.0.0',
      description: [words.description, BOUNDS, takesKeys(dialect) && POWERS].filter(Boolean).join('\n\n'),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: base }],
    tags: tagObjects(dialect, words),
    paths,
    components: componentsOf(writer),
  }
  return { writer, document }
}

function componentsOf({ dialect, components, failures }: Writer): Json {
  const { groups, streams = [], securitySchemes: all } = dialect
  const used = new Set([...groups, ...streams].map(({ security }) => security))
  const securitySchemes = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)))
  return { securitySchemes, schemas: components.all, responses: failures.components }
}

const BOUNDS = `Where nothing else is said, a text of a request has at most ${limits.text.max} characters and a list ${limits.list.max} entries.`

const POWERS =
  'A user may have keys with less power than its token. `x-power` says what an operation takes: `read` and `send` a key with ' +
  'that power, `any` every key, `full` the token itself, which does everything.'

function takesKeys({ securitySchemes }: Dialect): boolean {
  return Object.values(securitySchemes).some((scheme) => scheme['x-takes-keys'])
}

const STREAMS_TAG = 'WebSocket'
const FEEDS_TAG = 'Events'
const DOCUMENT_TAG = 'Documentation'

/** This document under the names that Swagger's own tools give it. */
export const SWAGGER_FILES = [
  { path: '/docs/swagger.json', summary: 'This document as JSON', contentType: 'application/json' },
  { path: '/docs/swagger.yaml', summary: 'This document as YAML', contentType: 'application/x-yaml' },
] as const

function tagObjects({ groups, streams = [], hasSwaggerFiles }: Dialect, { tags }: DocumentWords): Json[] {
  const own: Record<string, string> = {
    [STREAMS_TAG]: 'What is told while a WebSocket is open',
    [FEEDS_TAG]: 'What happens, event by event, in an answer without an end',
    [DOCUMENT_TAG]: 'This document under other names',
  }
  const names = new Set([
    ...groups.map(({ tag }) => tag),
    ...streams.map(({ kind }) => (kind === 'feed' ? FEEDS_TAG : STREAMS_TAG)),
    ...(hasSwaggerFiles ? [DOCUMENT_TAG] : []),
  ])
  return [...names].map((name) => {
    const description = tags[name] ?? own[name]
    return { name, ...(description !== undefined && { description }) }
  })
}

function ownFile({ path, summary, contentType }: (typeof SWAGGER_FILES)[number]): Json {
  return {
    operationId: operationId({ method: 'get', path }),
    tags: [DOCUMENT_TAG],
    summary,
    security: [],
    responses: {
      200: { description: 'Success', content: { [contentType]: { schema: { type: 'object' } } } },
      '4XX': { description: 'The request cannot be served as it is' },
    },
  }
}

/** An answer without an end. */
function feed(writer: Writer, stream: FeedStream): Json {
  const { path, summary, description, security, query } = stream
  const failure = {
    description: 'It cannot be opened',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
  }
  return {
    operationId: operationId({ method: 'get', path }),
    tags: [FEEDS_TAG],
    summary,
    description,
    security: [{ [security]: [] }],
    ...powerWords(writer.dialect, security, streamPower(stream)),
    parameters: [...parameters(writer, 'path', pathSchema({ path })), ...parameters(writer, 'query', query)],
    responses: {
      200: {
        description: 'What happens, event by event',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      '4XX': failure,
      default: failure,
    },
  }
}

/** A WebSocket as far as OpenAPI has words for one: the request that opens it. */
function handshake(writer: Writer, stream: SocketStream): Json {
  const { path, summary, security } = stream
  const isTalk = stream.kind === 'talk'
  const failure = {
    description: 'It cannot be opened',
    content: isTalk
      ? { 'text/plain': { schema: { type: 'string' } } }
      : { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
  }
  return {
    operationId: operationId({ method: 'get', path }),
    tags: [STREAMS_TAG],
    summary,
    description: isTalk
      ? stream.description
      : `A browser, which cannot set \`${stream.keyHeader}\`, offers the subprotocols \`events\` and \`key.<base64url of the key>\`.`,
    security: [{ [security]: [] }],
    ...powerWords(writer.dialect, security, streamPower(stream)),
    parameters: [
      ...parameters(writer, 'path', pathSchema({ path })),
      ...(isTalk ? parameters(writer, 'query', stream.query) : []),
    ],
    responses: {
      101: { description: isTalk ? 'Both sides talk' : 'Every text frame is one event' },
      '4XX': failure,
      default: failure,
    },
  }
}

/** Express and the references mark a path parameter differently; the document has one form. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function shapeOf(path: string): string {
  return path.replace(/\{\w+\}/g, '{}')
}

/** An operation whose path parameters have the names that they have in `known`, a path of the same shape. */
function withNamesOf(known: string, path: string, operation: Json): Json {
  if (known === path) return operation
  const names = [...known.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const own = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  // `parameters` was written by this file.
  const renamed = (operation.parameters as Json[]).map((parameter) =>
    parameter.in === 'path' ? { ...parameter, name: names[own.indexOf(String(parameter.name))] } : parameter,
  )
  return { ...operation, parameters: renamed }
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Any text: a request repeated with the same one within a day gets the first answer',
  schema: { type: 'string', maxLength: 255 },
}

function operation(writer: Writer, group: EndpointGroup, endpoint: Endpoint): Json {
  return {
    operationId: operationId(endpoint),
    tags: [group.tag],
    summary: endpoint.summary,
    ...(endpoint.description !== undefined && { description: endpoint.description }),
    security: group.security === 'none' ? [] : [{ [group.security]: [] }],
    // What concerns no user takes the key of all of them, which has no power of this kind.
    ...(endpoint.needs !== 'none' && powerWords(writer.dialect, group.security, neededPower(endpoint))),
    parameters: [
      ...parameters(writer, 'path', pathSchema(endpoint)),
      ...parameters(writer, 'query', endpoint.query),
      ...(endpoint.repeatable ? [idempotencyKey] : []),
    ],
    ...(endpoint.body && { requestBody: requestBody(writer, endpoint, endpoint.body) }),
    responses: {
      [endpoint.reply.status]: success(writer, endpoint),
      ...writer.failures.of(endpoint, group),
    },
  }
}

function success({ dialect, words, components }: Writer, endpoint: Endpoint): Json {
  const { reply } = endpoint
  const contentTypes = contentTypesOf(reply).map(mediaType)
  if (contentTypes.length === 0) contentTypes.push(mediaType(endpoint.contentType ?? dialect.contentType))
  const result = jsonSchema(reply.schema, 'output')
  const isJson = contentTypes.some((type) => type.endsWith('json'))
  // What an envelope gives is JSON Schema, too.
  const whole = described(reply.bare ? result : (dialect.envelope.ok(result) as Schema), words.fields)
  const schema = named(components, `${pascal(operationId(endpoint))}Answer`, whole)
  const example =
    isJson && words !== NO_WORDS ? { example: exampleOf(whole, words.fields, { all: true }) } : {}
  return {
    description: 'Success',
    content: Object.fromEntries(contentTypes.map((type) => [type, { schema, ...example }])),
  }
}

function requestBody({ words, components }: Writer, endpoint: Endpoint, body: ZodType): Json {
  const forms = bodyForms(body)
  const name = `${pascal(operationId(endpoint))}Request`
  const content = Object.entries(forms).map(([type, form]: [string, Schema]) => {
    const isForm = type !== 'application/json'
    const schema = described(form, words.fields)
    const encoding = isForm ? formEncoding(schema) : undefined
    return [
      type,
      {
        schema: named(components, isForm ? `${name}Form` : name, schema),
        ...(encoding && { encoding }),
        ...(!isForm && words !== NO_WORDS && { example: requestExample(endpoint, schema, words) }),
      },
    ]
  })
  return { required: !body.isOptional(), content: Object.fromEntries(content) }
}

function requestExample({ example }: Endpoint, schema: Schema, { fields }: DocumentWords): unknown {
  return example ?? exampleOf(schema, fields, { all: false })
}

/** Objects have a name; whatever else there is is short enough to stand where it is used. */
function named(components: SchemaComponents, name: string, schema: Schema): Json {
  if (schema.title !== undefined) return components.place(schema)
  if (schema.properties === undefined && schema.allOf === undefined) return components.inner(schema)
  return components.named(name, schema)
}

/** A path parameter that no schema describes is a string. */
function pathSchema(endpoint: Pick<Endpoint, 'path' | 'params'>): ZodType {
  if (endpoint.params) return endpoint.params
  const names = [...openApiPath(endpoint.path).matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])))
}

function parameters(
  { words, components }: Writer,
  place: 'path' | 'query',
  schema: ZodType | undefined,
): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = described(jsonSchema(schema, 'input'), words.fields)
  return Object.entries(properties).map(([name, { description, ...property }]) => {
    const isRequired = place === 'path' || required.includes(name)
    return {
      name,
      in: place,
      required: isRequired,
      ...(description !== undefined && { description }),
      schema: components.place(property),
      ...(isRequired &&
        words !== NO_WORDS && { example: exampleOf(property, words.fields, { all: false, name }) }),
    }
  })
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
  return [method, ...words].map((word, at) => (at === 0 ? word : pascal(word))).join('')
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
