import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fileFields } from '../../src/http/document/json-schema.ts'
import { type Endpoint, reply } from '../../src/http/endpoint/endpoint.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { createServer } from '../../src/http/server/server.ts'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { everyDialect, type Field, fieldsOf, jsonWith, pathOf, type Route, routes } from './bounds.ts'

/** More than Node reads of a request line. */
const LONGEST_QUERY = 8_000
const FAR = 1_500_000
const FAR_WITH_FILES = 5_000_000
/** Aimed at are 100 ms; a busy machine takes the test's own time from it as well. */
const PATIENCE_MS = 1_000

const sentence =
  /is too long: at most \d+ char|has too many entries: at most \d+|too many values|is too large|must be at most/

let app: TestApp
let caller: LinkedUser
let other: LinkedUser
let probed: Listening
let folder: string
/** What opens the routes of a dialect that knows customers, by its base and the header. */
let keys: Record<string, string> = {}

/** The endpoints that exist in the profile of this server and take texts or lists. */
const bounded = routes
  .filter(({ endpoint }) => [undefined, 'reference'].includes(endpoint.profile))
  .map((route) => ({ route, fields: fieldsOf(route.endpoint) }))
  .filter(({ fields }) => fields.length > 0)
const cases = bounded.map(({ route, fields }) => [route.name, route, fields] as const)

beforeAll(async () => {
  // Other tests look for what is left in the common folder.
  folder = await mkdtemp(join(tmpdir(), 'limits-'))
  process.env.TMPDIR = folder
  app = await TestApp.start()
  caller = await app.linkedUser()
  other = await app.linkedUser()
  keys = await customerKeys()
  const probes = everyDialect.map(({ dialect, base }) => ({
    base,
    dialect: {
      ...dialect,
      groups: dialect.groups.map((group) => ({ ...group, endpoints: group.endpoints.map(withProbe) })),
    },
  }))
  probed = await listen(createServer(app.parley.services, probes), { host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await probed?.stop()
  await app?.close()
  await rm(folder, { recursive: true, force: true })
})

test('most endpoints that take a body have texts and lists, so the following means something', () => {
  expect(bounded.length).toBeGreaterThan(150)
  expect(bounded.flatMap(({ fields }) => fields).length).toBeGreaterThan(500)
})

test.each(cases)(
  '%s takes texts and lists that are as large as they may be',
  async (_name, route, fields) => {
    for (const field of fields.filter(fitsLine)) {
      const { status, text } = await send(probedUrl(), route, field, field.max)

      expect(status, text).toBeLessThan(500)
      expect(text).not.toMatch(sentence)
    }
  },
)

describe('larger ones', () => {
  const loop = monitorEventLoopDelay({ resolution: 10 })
  const finished = new AbortController()
  let waits: Promise<number[]>

  beforeAll(() => {
    loop.enable()
    waits = askAgainAndAgain(finished.signal)
  })
  // Also when only a part of these tests runs.
  afterAll(async () => {
    finished.abort()
    await waits
  })

  test.each(cases)('are refused by %s', async (_name, route, fields) => {
    for (const field of fields.filter(fitsLine))
      for (const size of [field.max + 1, ...farSizes(route, field)]) {
        // An endpoint that refuses before it reads would refuse this as well.
        const url = route.endpoint.before ? probedUrl() : app.url
        const { status, text } = await send(url, route, field, size)

        const isRefused = status === 413 || (status === 400 && sentence.test(text))
        expect(isRefused, `${size} at ${field.path.join('.')}: ${status} ${text}`).toBe(true)
      }
  })

  test('take no time from other tenants, and no session', async () => {
    loop.disable()
    finished.abort()
    const waitsMs = await waits

    const loopMs = loop.percentile(99) / 1e6
    const otherMs = waitsMs[Math.floor(waitsMs.length * 0.99)] ?? 0
    const told = `event loop ${loopMs.toFixed(1)} ms, another tenant's requests ${otherMs.toFixed(1)} ms`
    process.stdout.write(`99 of 100 delays are shorter than: ${told}\n`)
    expect(waitsMs.length).toBeGreaterThan(50)
    expect(loopMs).toBeLessThan(PATIENCE_MS)
    expect(otherMs).toBeLessThan(PATIENCE_MS)
    for (const { id } of [caller, other])
      expect(app.parley.services.sessions.find(id)?.status.loggedIn).toBe(true)
  })
})

/** Fields whose far too large values were sent, by dialect, path and limit: what happens to them is the same everywhere. */
const sentFar = new Set<string>()

function farSizes({ base, endpoint }: Route, { place, path, kind, max }: Field): number[] {
  const name = `${base} ${path.join('.')} ${kind} ${max}`
  if (place === 'query' || sentFar.has(name)) return []
  sentFar.add(name)
  if (kind === 'list') return [Math.max(50_000, 2 * max)]
  // A picture fills the body of its endpoint.
  const far = fileFields(endpoint.body).length > 0 ? FAR_WITH_FILES : FAR
  return far > max ? [far] : []
}

function probedUrl(): string {
  return `http://127.0.0.1:${probed.port}`
}

/** Longer ones never arrive: the server reads no request line that is so long. */
function fitsLine({ place, max }: Field): boolean {
  return place === 'body' || max < LONGEST_QUERY
}

async function send(url: string, route: Route, field: Field, size: number) {
  const key = keys[`${route.base} ${route.keyHeader}`] ?? (route.isAdmin ? ADMIN_TOKEN : caller.token)
  const query = field.place === 'query' ? `?${field.path[0]}=${'x'.repeat(size)}` : ''
  const hasCustomers = route.base === '/multisession'
  const response = await fetch(url + pathOf(route, hasCustomers ? '1' : caller.id) + query, {
    method: route.endpoint.method.toUpperCase(),
    headers: { [route.keyHeader]: key, ...(hasCustomers && { 'Content-Type': 'application/json' }) },
    body: field.place === 'body' ? jsonWith(field, size) : undefined,
  })
  return { status: response.status, text: await response.text() }
}

async function customerKeys(): Promise<Record<string, string>> {
  const ask = (path: string, header: Record<string, string>, body: object) =>
    app.request('POST', `/multisession${path}`, {
      headers: { 'Content-Type': 'application/json', ...header },
      body,
    })
  const { json } = await ask(
    '/admin/api-keys',
    { 'X-Admin-Secret': ADMIN_TOKEN },
    {
      customer_name: 'Customer',
      customer_email: 'customer@example.com',
      customer_phone: '1',
      max_devices: 1_000,
      rate_limit_per_hour: 1_000_000,
    },
  )
  const device = await ask('/devices', { 'X-API-Key': json.data.api_key }, {})
  return {
    '/multisession X-Admin-Secret': ADMIN_TOKEN,
    '/multisession X-API-Key': json.data.api_key,
    '/multisession Authorization': `Bearer ${device.json.data.token}`,
  }
}

/** How long another tenant waits for its answers, in milliseconds, the shortest time first. */
async function askAgainAndAgain(signal: AbortSignal): Promise<number[]> {
  const waits: number[] = []
  while (!signal.aborted) {
    const startedAt = performance.now()
    await app.get('/session/status', other.token)
    waits.push(performance.now() - startedAt)
    await delay(20)
  }
  return waits.toSorted((a, b) => a - b)
}

/** Decoding is what is asked for here; nothing must happen. */
function withProbe(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    before: undefined,
    accept: undefined,
    repeatable: undefined,
    run: async () => 'decoded',
    reply: reply(z.unknown(), (said: unknown) => said, { bare: true }),
  }
}
