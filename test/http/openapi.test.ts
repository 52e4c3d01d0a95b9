import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dialects, operators } from '../../src/dialects/index.ts'
import { get, post, reply } from '../../src/http/endpoint/endpoint.ts'
import { bytes, integer, optional, requiredText, text } from '../../src/http/endpoint/fields.ts'
import { openApiDocument, SWAGGER_FILES } from '../../src/http/server/openapi.ts'
import { echoed, startTiny, tinyDialect } from './tiny.ts'

const letter = post('/letters/:id', {
  summary: 'Send a letter',
  needs: 'stored',
  query: z.object({ copy: optional(text()), urgent: requiredText('missing urgent') }),
  body: z.object({ Phone: requiredText('missing Phone'), Seconds: integer(), Picture: optional(bytes()) }),
  run: async () => ({ id: 'x' }),
  reply: reply(z.object({ Id: z.string() }), ({ id }: { id: string }) => ({ Id: id }), { status: 201 }),
})
const health = get('/health', {
  summary: 'Health',
  needs: 'none',
  run: async () => ({}),
  reply: { ...echoed, bare: true },
})

/** Reads a path inside a document; the tests compare what they find. */
function at(document: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (Object(value) === value ? Reflect.get(Object(value), key) : undefined),
    document,
  )
}

describe('a generated document', () => {
  const document = openApiDocument(tinyDialect([letter], [health]), '/tiny')
  const operation = at(document, 'paths', '/letters/{id}', 'post')

  test('says where it is served and how to authenticate', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/tiny' }] })
    expect(at(operation, 'security')).toEqual([{ token: [] }])
    expect(at(document, 'paths', '/health', 'get', 'security')).toEqual([])
    expect(at(document, 'components', 'securitySchemes', 'token', 'name')).toBe('Token')
  })

  test('describes path and query', () => {
    expect(at(operation, 'parameters')).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'copy', in: 'query', required: false, schema: { type: 'string' } },
      { name: 'urgent', in: 'query', required: true, schema: { type: 'string', minLength: 1 } },
    ])
  })

  test('describes the body as a caller writes it', () => {
    const { schema } = Object(at(operation, 'requestBody', 'content', 'application/json'))
    expect(schema).toEqual({ $ref: '#/components/schemas/PostLettersIdRequest' })
    const named = at(document, 'components', 'schemas', 'PostLettersIdRequest')

    expect(at(named, 'required')).toEqual(['Phone'])
    expect(at(named, 'properties', 'Seconds')).toEqual({ type: 'integer', default: 0 })
    expect(at(named, 'properties', 'Picture', 'anyOf')).toHaveLength(2)
  })

  test('puts the reply into the envelope, unless it is bare', () => {
    const schemaOf = (answers: unknown, status: string) =>
      at(answers, 'responses', status, 'content', 'application/json', 'schema')

    expect(schemaOf(operation, '201')).toEqual({ $ref: '#/components/schemas/PostLettersIdAnswer' })
    const answer = at(document, 'components', 'schemas', 'PostLettersIdAnswer')
    expect(at(answer, 'properties', 'data', 'properties')).toEqual({ Id: { type: 'string' } })
    expect(at(operation, 'responses', 'default')).toEqual({ $ref: '#/components/responses/Failure' })
    expect(schemaOf(at(document, 'paths', '/health', 'get'), '200')).toEqual({})
  })
})

test.each([...dialects, operators.dialect].map((dialect) => [dialect.name, dialect] as const))(
  'the document of %s is complete and refers to nothing that is not there',
  (name, dialect) => {
    const document = openApiDocument(dialect, `/${name}`)

    const endpoints = dialect.groups.flatMap((group) => group.endpoints)
    const operations = Object.values(Object(document.paths)).flatMap((path) => Object.values(Object(path)))
    const files = dialect.hasSwaggerFiles ? SWAGGER_FILES.length : 0
    expect(operations).toHaveLength(endpoints.length + (dialect.streams ?? []).length + files)
    const ids = operations.map((operation) => at(operation, 'operationId'))
    expect(new Set(ids).size).toBe(ids.length)
    const references = Array.from(
      JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]*)"/g),
      ([, path = '']) => path,
    )
    expect(references.filter((path) => at(document, ...path.split('/')) === undefined)).toEqual([])
  },
)

describe('the documentation page', () => {
  test('offers the document of every dialect', async () => {
    const { ask } = await startTiny(tinyDialect([letter]), { base: '/tiny' })

    expect(JSON.parse((await ask('/tiny/docs/openapi.json')).text).info.title).toBe('Tiny')
    expect((await ask('/api/start.js')).text).toContain('{"name":"Tiny","url":"../tiny/docs/openapi.json"}')
  })

  test('has the document of the root dialect beside it', async () => {
    const { ask } = await startTiny(tinyDialect([letter]))

    expect((await ask('/api/openapi.json')).text).toBe((await ask('/docs/openapi.json')).text)
    expect((await ask('/api')).headers.get('Location')).toBe('/api/')
  })

  test('loads only files of this server, none of them inline', async () => {
    const { ask } = await startTiny(tinyDialect([letter]))

    const page = await ask('/api/', { headers: {} })

    const files = [...page.text.matchAll(/(?:src|href)="([\w.-]+)"/g)].map((match) => `/api/${match[1]}`)
    expect(files).toHaveLength(5)
    for (const file of files) expect((await ask(file)).status).toBe(200)
    expect(page.text).not.toMatch(/<script>|https?:|\son\w+=/)
  })
})
