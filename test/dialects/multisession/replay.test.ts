import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { isServed, type Line, recordedLines } from './replay/recording.ts'
import { type Outcome, report } from './replay/report.ts'
import { Stage } from './replay/stage.ts'
import { happenings } from './replay/world.ts'

// Sends the whole recording to this server, in its order. ONLY='GET /groups,POST /groups' looks at some routes alone, and
// REPLAY_REPORT=<file> keeps what it tells.

interface Intended {
  route: string
  case: string
  reason: string
}

/** What links the devices: sent whatever is looked at. */
const PREPARATION =
  /^(POST \/admin\/api-keys|PATCH \/admin|POST \/devices|POST \/devices\/token|POST \/devices\/me\/login(-code)?|GET \/devices\/me\/status)$/
const only = process.env.ONLY?.split(',').map((route) => route.trim())

/** What could not be made to happen, mostly because the routes before it are not served. */
const failed: string[] = []

let stage: Stage
beforeAll(async () => {
  stage = await Stage.start()
})
afterAll(() => stage.close())

test('the recorded requests are answered as they were', { timeout: 600_000 }, async () => {
  const intended = await intendedDifferences()
  const used = new Set<string>()
  const outcomes: Outcome[] = []
  for (const line of recordedLines()) {
    const outcome = await replayed(line)
    const key = keyOf(line)
    if (outcome.kind === 'different' && intended.has(key)) {
      used.add(key)
      outcome.kind = 'intended'
    }
    outcomes.push(outcome)
  }
  const looked = new Set(outcomes.filter(({ kind }) => kind !== 'skipped').map(keyOf))
  const vain = [...intended.keys()].filter((key) => looked.has(key) && !used.has(key))
  const text = report(outcomes, [
    ...vain.map((key) => `intended in vain: ${key}`),
    ...failed.map((what) => `did not happen: ${what}`),
  ])
  if (process.env.REPLAY_REPORT) await writeFile(process.env.REPLAY_REPORT, `${text}\n`)
  else process.stdout.write(`${text}\n`)

  const different = outcomes.filter(({ kind }) => kind === 'different')
  expect(different.map(({ route, case: name, detail }) => `${route} | ${name}: ${detail}`)).toEqual([])
  // An intended difference that is none any more would hide the next one.
  expect([...vain, ...failed]).toEqual([])
})

async function replayed(line: Line): Promise<Outcome> {
  const outcome = (kind: Outcome['kind'], detail = ''): Outcome => ({
    route: line.route,
    case: line.case,
    kind,
    detail,
  })
  for (const { route, case: name, happen } of happenings)
    if (route === line.route && name === line.case)
      await happen(stage).catch((error: unknown) => void failed.push(`${name}: ${error}`))
  const isAsked = !only || only.some((prefix) => line.route.startsWith(prefix))
  if (line.status === 0 || !(isAsked || PREPARATION.test(line.route))) return outcome('skipped')
  if (!isServed(line)) return outcome('missing')
  const answer = await stage.send(line)
  const difference = differenceOf(line, answer)
  if (!isAsked) return outcome('skipped')
  return outcome(difference === '' ? 'same' : 'different', difference)
}

/** Headers that are compared where they were recorded. */
const HEADERS = [
  'x-request-id',
  'x-frame-options',
  'cross-origin-embedder-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'allow',
  'location',
]

function differenceOf(line: Line, { status, json, text, headers }: Answer): string {
  if (status !== line.status)
    return `${status} ${text.slice(0, 200)} instead of ${line.status} ${JSON.stringify(line.body).slice(0, 200)}`
  // Pages and documents are described, not recorded.
  const isDescribed = typeof line.body === 'string' && line.body.startsWith('(')
  const body = isDescribed ? '' : stage.bindings.difference(line.body, line.body === '' ? text : json)
  if (body !== '') return body
  for (const name of HEADERS) {
    const recorded = line.headers[name]
    const differs = recorded === undefined ? '' : stage.bindings.difference(recorded, headers.get(name), name)
    if (differs !== '') return differs
  }
  return ''
}

async function intendedDifferences(): Promise<Map<string, string>> {
  const folder = join(import.meta.dirname, 'intended')
  const found = new Map<string, string>()
  for (const name of readdirSync(folder)) {
    const { intended }: { intended: Intended[] } = await import(join(folder, name))
    for (const entry of intended) found.set(keyOf(entry), entry.reason)
  }
  return found
}

function keyOf({ route, case: name }: { route: string; case: string }): string {
  return `${route} | ${name}`
}
