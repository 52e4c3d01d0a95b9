import { expect, test } from 'vitest'
import { backoffMs, jittered } from '../../src/lib/flow/backoff.ts'

const middle = () => 0.5

test('the delay doubles up to its limit', () => {
  const limits = { firstMs: 1_000, maxMs: 5_000 }

  expect([1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, limits, middle))).toEqual([
    1000, 2000, 4000, 5000, 5000,
  ])
})

test('jitter moves a duration by at most a fifth either way', () => {
  expect(jittered(1000, () => 0)).toBe(800)
  expect(jittered(1000, () => 1)).toBe(1200)
})
