import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('the table of settings is the one in src/config/config.ts', () => {
  expect(() => check('scripts/docs.mjs')).not.toThrow()
})

test('the reference of events is made from the events of today', () => {
  expect(() => check('scripts/events.mjs')).not.toThrow()
})

test('the tables of messages are those that are tested', () => {
  expect(() => check('scripts/messages.mjs')).not.toThrow()
})

test('the picture of the rooms is drawn from the imports of today', () => {
  expect(() => check('scripts/architecture.mjs')).not.toThrow()
})

test('every decision leads to one record, and every record is led to', () => {
  const rows = readFileSync(join(root, 'docs/decisions.md'), 'utf8').split('\n').filter(isDecision)
  const records = rows.map((row) => / \| \[\d{4}\]\(adr\/([\w-]+\.md)\) \|$/.exec(row)?.[1])

  expect(rows.filter((_row, index) => records[index] === undefined)).toEqual([])
  expect([...new Set(records)].sort()).toEqual(readdirSync(join(root, 'docs/adr')).sort())
})

/** A row of the table that is neither its head nor the line below. */
function isDecision(line: string): boolean {
  return line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| Decision |')
}

function check(script: string): void {
  execFileSync(process.execPath, [script, '--check'], { cwd: root, stdio: 'pipe' })
}
