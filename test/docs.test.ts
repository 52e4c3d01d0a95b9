import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test("the README's table of settings is the one in src/config/config.ts", () => {
  expect(() => check('scripts/docs.mjs')).not.toThrow()
})

test('the picture of the rooms is drawn from the imports of today', () => {
  expect(() => check('scripts/architecture.mjs')).not.toThrow()
})

function check(script: string): void {
  execFileSync(process.execPath, [script, '--check'], { cwd: root, stdio: 'pipe' })
}
