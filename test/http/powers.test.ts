import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { dialects, linkingPages, operators } from '../../src/dialects/index.ts'
import type { Dialect, EndpointGroup } from '../../src/http/endpoint/dialect.ts'
import { type Endpoint, reply } from '../../src/http/endpoint/endpoint.ts'
import { mountsOf } from '../../src/http/endpoint/mounts.ts'
import { neededPower, streamPower } from '../../src/http/guard/powers.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { openApiPath } from '../../src/http/server/openapi.ts'
import { createServer } from '../../src/http/server/server.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'

const all = [...dialects, operators.dialect, linkingPages.dialect]
const decisions = all.flatMap((dialect) => [
  ...dialect.groups
    .filter(({ security }) => !['none', 'admin', 'admintoken', 'customer'].includes(security))
    .flatMap(({ endpoints }) =>
      endpoints.map((endpoint) =>
        decision(dialect, neededPower(endpoint), `${endpoint.method.toUpperCase()} ${endpoint.path}`),
      ),
    ),
  ...(dialect.streams ?? [])
    .filter(({ security }) => security !== 'admin')
    .map((stream) => decision(dialect, streamPower(stream), `stream ${stream.path}`)),
])

function decision({ name }: Dialect, power: string, what: string): string {
  return `${name.padEnd(12)} ${power.padEnd(4)} ${what}`
}

/** Of every endpoint only the way to it is real: its operation tells that it was reached. */
const probed = [
  ...mountsOf(dialects.map(withProbes), []).filter(({ base }) => base !== '/'),
  { ...operators, dialect: withProbes(operators.dialect) },
]
const guarded = probed.flatMap(({ dialect, base }) =>
  dialect.groups
    .filter(({ security }) => security !== 'none')
    .flatMap((group) => group.endpoints.map((endpoint) => ({ dialect, base, group, endpoint }))),
)
type Route = (typeof guarded)[number]
const routes = guarded.filter(takesKeys)

let app: TestApp
let user: LinkedUser
let server: Listening
let keys: { read: string; send: string }

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.linkedUser()
  server = await listen(createServer(app.parley.services, probed), { host: '127.0.0.1', port: 0 })
  keys = { read: await makeKey('read'), send: await makeKey('send') }
})

afterAll(async () => {
  await server?.stop()
  await app?.stop()
})

test('what each endpoint takes is written down', () => {
  const written = readFileSync(new URL('powers.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

  expect(decisions).toEqual(written)
})

test.each(
  routes.map(
    (route) => [`${route.dialect.name}: ${route.endpoint.method} ${route.endpoint.path}`, route] as const,
  ),
)('%s lets through what is written down, and nobody else', async (_name, route) => {
  const needed = neededPower(route.endpoint)
  const call = async (token: string) => {
    const answer = await ask(route, token)
    const text = await answer.text()
    if (answer.status === 403 && /invalid api key/i.test(text)) return 'unknown'
    return answer.status === 403 && /this key may only (read|send): this takes /i.test(text)
      ? 'refused'
      : 'let through'
  }

  // What takes the key of all sessions knows no user.
  if ((await call(user.token)) === 'unknown') {
    expect([await call(keys.read), await call(keys.send)]).toEqual(['unknown', 'unknown'])
    return
  }

  expect(await call(keys.read)).toBe(['read', 'any'].includes(needed) ? 'let through' : 'refused')
  expect(await call(keys.send)).toBe(['send', 'any'].includes(needed) ? 'let through' : 'refused')
  expect(await call(user.token)).toBe('let through')
})

test('where a document does not say that keys are taken, none is', async () => {
  const answers = await Promise.all(
    guarded
      .filter((route) => !takesKeys(route))
      .map(async (route) => {
        const { status } = await ask(route, keys.read)
        return [route.dialect.name, route.endpoint.path, [401, 403].includes(status) ? 'refused' : status]
      }),
  )

  expect(answers.length).toBeGreaterThan(100)
  expect(answers.filter(([, , came]) => came !== 'refused')).toEqual([])
})

function takesKeys({ dialect, group }: Route): boolean {
  return dialect.securitySchemes[group.security]?.['x-takes-keys'] === true
}

function ask({ dialect, base, group, endpoint }: Route, token: string): Promise<Response> {
  const path = openApiPath(endpoint.path).replace(/\{\w+\}/g, user.id)
  return fetch(`http://127.0.0.1:${server.port}${base.replace(/\/$/, '')}${path}`, {
    method: endpoint.method.toUpperCase(),
    headers: { [headerOf(dialect, group)]: token, 'content-type': 'application/json' },
    ...(endpoint.method !== 'get' && { body: '{}' }),
  })
}

async function makeKey(power: string): Promise<string> {
  const made = await app.request('POST', '/parley/me/keys', {
    token: user.token,
    body: { name: power, power },
  })
  expect(made.status).toBe(201)
  return made.json.key
}

function headerOf(dialect: Dialect, { security }: EndpointGroup): string {
  return dialect.securitySchemes[security]?.name ?? ''
}

function withProbes(dialect: Dialect): Dialect {
  const groups = dialect.groups.map((group) => ({ ...group, endpoints: group.endpoints.map(withProbe) }))
  return { ...dialect, groups }
}

function withProbe(endpoint: Endpoint): Endpoint {
  const told = reply(z.unknown(), (said: unknown) => said, { bare: true })
  return { ...endpoint, before: undefined, run: async () => 'reached', reply: told }
}
