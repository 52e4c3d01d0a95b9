import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { temporaryDatabase } from '../helpers/database.ts'

interface Dashboard {
  templating: { list: { query: string | { query: string } }[] }
  panels: { title: string; targets: { expr: string }[] }[]
}

const root = join(import.meta.dirname, '../..')

/** Names of metrics in a PromQL expression or a text. */
function namesIn(text: string): string[] {
  const names = text.match(/\b(?:parley|process|nodejs)_[a-z0-9_]+/g) ?? []
  return [...new Set(names.map((name) => name.replace(/_(bucket|count|sum)$/, '')))]
}

async function exported(): Promise<string[]> {
  const database = await temporaryDatabase()
  const metrics = createMetrics()
  metrics.watch({ db: database.db, sessions: () => [], sendsWaiting: () => 0 })
  const text = await metrics.text()
  await database.close()
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)
}

test('the dashboard shows only metrics that exist, and all of our own', async () => {
  // The file is ours: these are the members that matter here.
  const board = JSON.parse(readFileSync(join(root, 'ops/grafana.json'), 'utf8')) as Dashboard
  const expressions = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const variables = board.templating.list.map(({ query }) =>
    typeof query === 'string' ? query : query.query,
  )
  const known = await exported()

  const shown = namesIn([...expressions, ...variables].join('\n'))
  expect(shown.filter((name) => !known.includes(name))).toEqual([])
  expect(known.filter((name) => name.startsWith('parley_') && !shown.includes(name))).toEqual([])
})

test('the documentation names only metrics that exist, and all of our own', async () => {
  const known = await exported()

  const documented = namesIn(readFileSync(join(root, 'docs/operations.md'), 'utf8'))
  expect(documented.filter((name) => !known.includes(name))).toEqual([])
  expect(known.filter((name) => name.startsWith('parley_') && !documented.includes(name))).toEqual([])
})
