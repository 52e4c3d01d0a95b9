import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { contentShape } from '../../src/sandbox/content/words.ts'
import { controlRoutes } from '../../src/sandbox/control/control.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/sandbox.md')

test('the page of the simulated network has every control, and no other', () => {
  const documented = [...page.matchAll(/^\| `((?:GET|POST|DELETE) \/\S+)` \|/gm)].map(
    ([, request]) => request,
  )

  expect(documented.toSorted()).toEqual(
    controlRoutes.map(({ method, path }) => `${method} ${path}`).toSorted(),
  )
})

test('it has every fault, and every number of a stored query', () => {
  const faults = [...read('src/sandbox/server/faults.ts').matchAll(/^ {2}\| \{ kind: '([\w-]+)'/gm)]
  const numbers = [...read('src/sandbox/iq/mex.ts').matchAll(/'(\d{10,})'/g)]
  expect(faults.length).toBeGreaterThan(5)
  expect(numbers.length).toBeGreaterThan(20)

  const missing = [...faults, ...numbers].map(([, word = '']) => word).filter((word) => !page.includes(word))

  expect(missing).toEqual([])
})

test('it has every word for contacts, with an example that is one, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(\{.*?\})` \|/gm)].map(([, word = '', example = '']) => ({
    word,
    said: JSON.parse(example),
  }))

  expect(rows.map(({ word }) => word).toSorted()).toEqual(Object.keys(contentShape).toSorted())
  const checked = z.object(contentShape).partial().strict()
  for (const { word, said } of rows) expect(Object.keys(checked.parse(said))).toEqual([word])
})
