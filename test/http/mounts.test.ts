import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../../src/config/config.ts'
import { dialects } from '../../src/dialects/index.ts'
import { get } from '../../src/http/endpoint/endpoint.ts'
import { mountsOf } from '../../src/http/endpoint/mounts.ts'
import { echoed, startTiny, tinyDialect } from './tiny.ts'

const ping = get('/ping', { summary: 'Ping', needs: 'none', run: async () => 'pong', reply: echoed })

const [first, second] = ['first', 'second'].map((name) => ({ ...tinyDialect([ping]), name }))
if (!first || !second) throw new Error('no dialects')

/** `name:base` of every place, as `DIALECTS` would say it. */
function served(setting: string): string[] {
  const { dialects: wanted } = loadConfig({ DIALECTS: setting })
  return mountsOf(
    [first, second].flatMap((one) => one ?? []),
    wanted,
  )
    .map(({ dialect, base }) => `${dialect.name}:${base}`)
    .sort()
}

describe('DIALECTS', () => {
  test.each([
    ['', ['first:/', 'first:/first', 'second:/second']],
    ['second', ['first:/first', 'second:/', 'second:/second']],
    ['second:/', ['first:/first', 'second:/', 'second:/second']],
    ['second:/, first:/old/one', ['first:/first', 'first:/old/one', 'second:/', 'second:/second']],
    ['second:/else', ['first:/', 'first:/first', 'second:/else', 'second:/second']],
    ['second:/second', ['first:/', 'first:/first', 'second:/second']],
  ])('"%s" serves %j', (setting, places) => {
    expect(served(setting)).toEqual(places)
  })

  test.each([
    ['third:/', 'DIALECTS must name some of first, second, not "third"'],
    ['parley:/x', 'DIALECTS must name some of first, second, not "parley"'],
    ['first:/,second:/', 'DIALECTS puts second at /, where first is already'],
    ['second:/first', 'DIALECTS puts second at /first, where first is already'],
    [
      'second:/api/x',
      'DIALECTS puts second at /api/x, but no dialect can be at /api, /dashboard, /docs, /health, /link, /login, /metrics, /pages, /parley, /sandbox, /vendor',
    ],
    [
      'first:old',
      'DIALECTS must list dialects and their paths, such as wsgo:/ or wuzapi:/old, not "first:old"',
    ],
    [
      'first:/..',
      'DIALECTS must list dialects and their paths, such as wsgo:/ or wuzapi:/old, not "first:/.."',
    ],
    [
      'first:/a/',
      'DIALECTS must list dialects and their paths, such as wsgo:/ or wuzapi:/old, not "first:/a/"',
    ],
    [':/a', 'DIALECTS must list dialects and their paths, such as wsgo:/ or wuzapi:/old, not ":/a"'],
  ])('"%s" is refused', (setting, sentence) => {
    expect(() => served(setting)).toThrow(new ConfigError(sentence))
  })
})

test('the documentation lists a dialect once, where its address is shortest', async () => {
  const { ask } = await startTiny(first, { also: [{ dialect: first, base: '/first' }] })

  const script = (await ask('/api/start.js')).text

  expect(script.match(/docs\/openapi\.json/g)).toHaveLength(1)
  expect(script).toContain('"url":"../docs/openapi.json"')
  expect((await ask('/first/docs/openapi.json')).status).toBe(200)
  expect((await ask('/first/ping')).status).toBe(200)
  expect((await ask('/first/docs/api.css')).status).toBe(200)
})

/** Paths that no dialect at the root may take over. */
const pages = [
  '/',
  '/api',
  '/api/',
  '/api/openapi.json',
  '/api/start.js',
  '/api/api.css',
  '/vendor/uplot/uPlot.min.css',
  '/parley.json',
  '/dashboard/',
  '/login/',
  ...readdirSync(join(import.meta.dirname, '../../static'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('.'))
    .map((name) => `/${name}`),
]

test.each(dialects.map((dialect) => [dialect.name, dialect] as const))(
  'no page is hidden when %s is at the root',
  (name, { groups }) => {
    const paths = groups.flatMap(({ endpoints }) => endpoints.filter(({ method }) => method === 'get'))
    const patterns = paths.map(({ path }) => new RegExp(`^${path.replace(/\{\w+\}|:\w+/g, '[^/]+')}$`))

    expect(pages.filter((page) => patterns.some((pattern) => pattern.test(page)))).toEqual(
      // Its programs look at the root whether it is there.
      name === 'multisession' ? ['/'] : [],
    )
  },
)

test('no operation is called something with a number at its end: the build numbers functions of the same name', () => {
  const operations = dialects.flatMap(({ groups }) => groups.flatMap(({ endpoints }) => endpoints))

  expect(operations.map(({ run }) => run.name).filter((name) => /\d$/.test(name))).toEqual([])
})
