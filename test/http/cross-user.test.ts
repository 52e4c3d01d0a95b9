import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { dialects, operators } from '../../src/dialects/index.ts'
import type { Dialect, EndpointGroup } from '../../src/http/endpoint/dialect.ts'
import { type Endpoint, reply } from '../../src/http/endpoint/endpoint.ts'
import { mountsOf } from '../../src/http/endpoint/mounts.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { openApiPath } from '../../src/http/server/openapi.ts'
import { createServer } from '../../src/http/server/server.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { declaredBody } from './declared-body.ts'

let app: TestApp
let caller: LinkedUser
let victim: LinkedUser
let probed: Listening

/** Every operation that acts on a caller is replaced by one that tells on whom it would have acted. */
const probedDialects = [
  ...mountsOf(dialects.map(withProbes), []).filter(({ base }) => base !== '/'),
  { ...operators, dialect: withProbes(operators.dialect) },
]
const routes = probedDialects.flatMap(({ dialect, base }) =>
  dialect.groups.flatMap((group) =>
    group.endpoints.map((endpoint) => ({
      dialect: dialect.name,
      base,
      endpoint,
      keyHeader: keyHeader(dialect, group),
    })),
  ),
)

/** The header that tells the caller of a group. */
function keyHeader(dialect: Dialect, { security }: EndpointGroup): string {
  const scheme: { name?: string } = dialect.securitySchemes[security] ?? {}
  return scheme.name ?? 'Token'
}

/** Endpoints whose operation ran at least once. */
const reached = new Set<Endpoint>()

beforeAll(async () => {
  app = await TestApp.start()
  caller = await app.linkedUser()
  victim = await app.linkedUser()
  probed = await listen(createServer(app.parley.services, probedDialects), { host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await probed?.stop()
  await app?.stop()
})

test.each(
  routes.map(
    (route) => [`${route.dialect}: ${route.endpoint.method} ${route.endpoint.path}`, route] as const,
  ),
)('%s acts on its caller, whatever the request says', async (_name, { base, endpoint, keyHeader }) => {
  const names = [victim.id, victim.token, victim.phone, `${victim.phone}@s.whatsapp.net`, caller.phone]
  const bodies = bodyFor(endpoint, fc.constantFrom(...names))
  const name = fc.constantFrom(...names)
  const key = fc.constantFrom(...identifyingKeys, ...identifyingKeys.map((each) => each.toUpperCase()))
  // Pairs, so that a key can come twice.
  const queries = fc.array(fc.tuple(key, name), { maxLength: 4 })
  const repeated = fc.array(fc.tuple(key, name), { maxLength: 2 })
  const otherHeaders = identifyingHeaders.filter((each) => each.toLowerCase() !== keyHeader.toLowerCase())
  const headers = fc.dictionary(fc.constantFrom(...otherHeaders), name, { maxKeys: 4 })
  // Some dialects name the session in the path: sometimes the caller's own, so that something happens.
  const inPath = fc.oneof(name, fc.constant(caller.id))

  await fc.assert(
    fc.asyncProperty(
      bodies,
      queries,
      repeated,
      headers,
      inPath,
      async (body, query, twice, header, named) => {
        const path = openApiPath(endpoint.path).replace(/\{\w+\}/g, encodeURIComponent(named))
        const url = `http://127.0.0.1:${probed.port}${base.replace(/\/$/, '')}${path}?${new URLSearchParams(query)}`
        const withBody = endpoint.method !== 'get' && { body: withMembers(body, twice) }
        const answer = await fetch(url, {
          method: endpoint.method.toUpperCase(),
          headers: { ...header, [keyHeader]: caller.token },
          ...withBody,
        })

        const actedOn = /acted on ([0-9a-f]{32})/.exec(await answer.text())?.[1]
        if (actedOn !== undefined) reached.add(endpoint)
        expect(actedOn ?? caller.id).toBe(caller.id)
      },
    ),
    { numRuns: 5 },
  )
})

test('most requests did get as far as an operation, so the silence above means something', () => {
  const acting = routes.filter(({ endpoint }) => endpoint.needs !== 'none')

  expect(reached.size).toBeGreaterThan(acting.length / 2)
})

function withProbes(dialect: Dialect): Dialect {
  const groups = dialect.groups.map((group) => ({ ...group, endpoints: group.endpoints.map(withProbe) }))
  return { ...dialect, groups }
}

function withProbe(endpoint: Endpoint): Endpoint {
  const probe = async (subject: { user?: { id: string } }) => `acted on ${subject.user?.id}`
  // Outside the envelope, whatever a dialect does with what is inside.
  const told = reply(z.unknown(), (said: unknown) => said, { bare: true })
  return { ...endpoint, before: undefined, run: probe, reply: told }
}

/** Keys with which a careless server might let a request choose its session. */
const identifyingKeys = [
  'token',
  'Token',
  'api_key',
  'target',
  'user',
  'userId',
  'user_id',
  'id',
  'Id',
  'session',
  'sessionId',
  'jid',
  'name',
  'instance',
]

/** Headers that other servers take an identity from. */
const identifyingHeaders = [
  'Authorization',
  'X-Token',
  'X-Api-Key',
  'X-User',
  'X-User-Id',
  'X-Session',
  'X-Original-Token',
  'Cookie',
]

/** The body as JSON with more members in front and behind, also of names that it has already. */
function withMembers(body: object, members: [key: string, value: string][]): string {
  const extra = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  const own = JSON.stringify(body).slice(1, -1)
  return `{${[...extra, ...(own === '' ? [] : [own]), ...extra].join(',')}}`
}

/** Bodies of the declared shape, with the victim's names in every text, and with keys that nobody declared. */
function bodyFor(endpoint: Endpoint, names: fc.Arbitrary<string>): fc.Arbitrary<object> {
  const extras = fc.dictionary(fc.constantFrom(...identifyingKeys), names, { maxKeys: 4 })
  if (endpoint.body === undefined) return extras
  return fc
    .tuple(extras, declaredBody(endpoint.body, names))
    .map(([extra, body]) => ({ ...extra, ...Object(body) }))
}
