import { expect, test } from 'vitest'
import type { Measure } from './measure.ts'
import { failuresOf, tableOf } from './table.ts'

const measure: Measure = {
  group: 'texts',
  title: 'texts',
  figures: [
    { key: 'perSecond', words: 'a second' },
    { key: 'calls', words: 'calls' },
  ],
  run: () => Promise.reject(new Error('nobody measures here')),
}
const result = (perSecond: number, failed = 0) => ({ perSecond, calls: Number.NaN, failed })

test('a table of two builds has medians, ratios and their ranges, and no rows for what was not measured', () => {
  const measured = [{ measure, mine: [result(300), result(200)], theirs: [result(100), result(100)] }]

  expect(tableOf(measured, ['this', 'old'])).toBe(
    [
      '| figure | this | old | ratio (range) |',
      '| --- | --- | --- | --- |',
      '| texts: a second | 250 (200 to 300) | 100 | 2.50 (2.00 to 3.00) |',
    ].join('\n'),
  )
})

test('a table of one build has no ratios, and one of two leaves out what only one was asked', () => {
  const measured = [{ measure, mine: [result(12.345)], theirs: [] }]

  expect(tableOf(measured, ['this'])).toContain('| texts: a second | 12.3 |')
  expect(tableOf(measured, ['this', 'old'])).toContain('| texts: a second | 12.3 |  |  |')
})

test('what failed is told by build', () => {
  const measured = [{ measure, mine: [result(1), result(1)], theirs: [result(1, 2), result(1, 3)] }]

  expect(failuresOf(measured, ['this', 'old'])).toEqual(['old, texts: 5 failed'])
})
