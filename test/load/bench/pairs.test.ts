import { expect, test } from 'vitest'
import { compare, middleOf, orderOf } from './pairs.ts'

test('the order is the other way round every second time', () => {
  expect([0, 1, 2].map((round) => orderOf(round, ['a', 'b']))).toEqual([
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'b'],
  ])
})

test('the middle of an even number of values lies between two of them', () => {
  expect(middleOf([9, 1, 5])).toEqual({ median: 5, low: 1, high: 9 })
  expect(middleOf([9, 1, 5, 6])).toEqual({ median: 5.5, low: 1, high: 9 })
  expect(middleOf([7])).toEqual({ median: 7, low: 7, high: 7 })
})

test('a ratio is taken within each round, not between the medians', () => {
  const result = (p50: number) => ({ p50, failed: 0 })

  const { mine, theirs, ratio } = compare('p50', [10, 20, 90].map(result), [20, 10, 30].map(result))

  expect(mine?.median).toBe(20)
  expect(theirs?.median).toBe(20)
  expect(ratio).toEqual({ median: 2, low: 0.5, high: 3 })
})

test('without another build there is nothing to compare with', () => {
  expect(compare('p50', [{ p50: 3, failed: 0 }])).toEqual({ mine: { median: 3, low: 3, high: 3 } })
})
