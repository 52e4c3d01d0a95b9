import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuiltProject, buildProject } from './helpers/built-project.ts'

let built: BuiltProject

beforeAll(async () => {
  built = await buildProject()
})

afterAll(() => built.close())

// Otherwise the keys of sessions are printed whenever one is opened or closed.
test.each([
  ['main.js', 'there is no flag -nonsense'],
  ['app/backup.js', 'there is no database'],
  ['app/export.js', "Unknown option '--nonsense'"],
  ['app/import.js', "Unknown option '--nonsense'"],
  ['sandbox/standalone.js', "Unknown option '--nonsense'"],
])('the built %s repairs the library before it is evaluated', (program, answer) => {
  const { stderr, status } = spawnSync(process.execPath, [built.program(program), '--nonsense'], {
    encoding: 'utf8',
    env: { ...process.env, DATA_DIR: '/nowhere' },
  })

  // The repairs refuse what was evaluated before them, so that a program which runs at all has them.
  expect([status, stderr]).toEqual([1, expect.stringContaining(answer)])
})
