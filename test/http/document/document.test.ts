import { readFileSync } from 'node:fs'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, test } from 'vitest'
import type { ZodType } from 'zod'
import { dialects, operators } from '../../../src/dialects/index.ts'
import { fullDocument } from '../../../src/http/server/openapi.ts'

/** An operation, as far as these tests look into one. */
interface Operation {
  operationId: string
  summary: string
  'x-power'?: string
  description?: string
  parameters?: { name: string; in: string; description?: string }[]
  requestBody?: { content: Record<string, { example?: unknown }> }
}

/** The parts of a document that these tests look into; it is plain JSON of this project. */
interface Document {
  info: { description: string }
  paths: Record<string, Record<string, Operation>>
  webhooks?: Record<string, { post: Operation }>
  components: { schemas: Record<string, unknown> }
}

const all = [...dialects, operators.dialect].map((dialect) => [dialect.name, dialect] as const)

/** Paths that a program could take for each other are the original's, and stay. */
const RULES: Record<string, Record<string, 'off'>> = { multisession: { 'no-ambiguous-paths': 'off' } }

describe.each(all)('the document of %s', { timeout: 60_000 }, (name, dialect) => {
  const document = fullDocument(dialect, `/${name}`, 'current') as Promise<unknown> as Promise<Document>

  test('has nothing that the recommended rules of Redocly warn of', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: RULES[name] ?? {} })

    const problems = await lintFromString({ source: JSON.stringify(await document), config })

    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    )
  })

  test('says what every field is, of requests, answers and events', async () => {
    const { paths, components } = await document

    const silent = Object.entries(components.schemas).flatMap(([schema, value]) =>
      silentFields(value, schema),
    )
    for (const operation of Object.values(paths).flatMap((item) => Object.values(item)))
      for (const parameter of operation.parameters ?? [])
        if (!parameter.description) silent.push(`${operation.operationId}: ${parameter.name}`)

    expect(silent).toEqual([])
  })

  test('has an example of every body, which the endpoint takes', async () => {
    const { paths } = await document
    const byRoute = new Map(
      Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => [`${method} ${shapeOf(path)}`, operation] as const),
      ),
    )

    const refused = dialect.groups
      .flatMap(({ endpoints }) => endpoints)
      .flatMap(({ method, path, body }) => {
        const { content = {} } = byRoute.get(`${method} ${shapeOf(path)}`)?.requestBody ?? {}
        const json = content['application/json']
        return body && json && !takes(body, json.example) ? [`${method} ${path}`] : []
      })

    expect(refused).toEqual([])
  })

  test('has binary fields in forms alone', async () => {
    const { paths, components } = await document
    const inJson = Object.values(paths)
      .flatMap((item) => Object.values(item))
      .flatMap(({ requestBody }) => [requestBody?.content['application/json']])

    const written = JSON.stringify([inJson, Object.entries(components.schemas).filter(isOfJson)])
    expect(written).not.toContain('"format":"binary"')
  })
})

test('webhooks are described with their signatures, for every dialect that has some', async () => {
  for (const [name, dialect] of all) {
    const { webhooks = {} } = (await fullDocument(dialect, `/${name}`, 'current')) as unknown as Document

    expect(Object.keys(webhooks).length > 0).toBe(dialect.webhooks !== undefined)
    for (const { post } of Object.values(webhooks))
      expect(post.parameters?.map((parameter) => parameter.name).slice(0, 3)).toEqual([
        'webhook-id',
        'webhook-timestamp',
        'webhook-signature',
      ])
  }
})

test.each(
  all.filter(
    ([, { securitySchemes }]) => 'x-takes-keys' in Object.assign({}, ...Object.values(securitySchemes)),
  ),
)(
  'the document of %s says of every operation which key it takes, as it is enforced',
  async (name, dialect) => {
    const { paths, info } = (await fullDocument(dialect, `/${name}`, 'current')) as unknown as Document
    const said = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { 'x-power': power }]) =>
        power === undefined ? [] : [`${power} ${method} ${shapeOf(path)}`],
      ),
    )

    expect(said.sort()).toEqual(writtenPowers(name).sort())
    expect(info.description).toContain('`x-power`')
  },
)

/** The decisions of a dialect in the file that another test holds against the server; some take no user's key at all. */
function writtenPowers(dialect: string): string[] {
  const forAllSessions = /\/session\/(getSessions|terminateInactive|terminateAll)$/
  return readFileSync(new URL('../powers.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([name, , , path = '']) => name === dialect && !forAllSessions.test(path))
    .map(([, power, method = '', path = '']) => {
      const verb = method === 'stream' ? 'get' : method.toLowerCase()
      return `${power} ${verb} ${shapeOf(path)}`
    })
}

function takes(body: ZodType, example: unknown): boolean {
  return body.safeParse(example).success
}

function isOfJson([name]: [string, unknown]): boolean {
  return name.endsWith('Request') && !name.endsWith('Form')
}

function shapeOf(path: string): string {
  return path.replace(/:\w+|\{\w+\}/g, '{}')
}

/** Where a schema has fields that say nothing of themselves; fixed values and references speak elsewhere. */
function silentFields(schema: unknown, place: string): string[] {
  if (Object(schema) !== schema) return []
  if (Array.isArray(schema)) return schema.flatMap((one) => silentFields(one, place))
  return Object.entries(Object(schema)).flatMap(([key, value]) => {
    if (key === 'properties')
      return Object.entries(Object(value)).flatMap(([name, field]) => {
        const { description, const: fixed } = Object(field)
        const own = description === undefined && fixed === undefined ? [`${place}.${name}`] : []
        return [...own, ...silentFields(field, `${place}.${name}`)]
      })
    return ['example', 'examples', 'default', 'enum'].includes(key) ? [] : silentFields(value, place)
  })
}
