import { expect, test } from 'vitest'
import { TokenBuckets } from '../../src/http/guard/token-buckets.ts'

/** Buckets with a clock of their own. */
function buckets(max: number, windowMs: number) {
  let now = 1_000_000
  const limit = new TokenBuckets({ max, windowMs }, () => now)
  return {
    limit,
    take: (source = 'a') => limit.take(source),
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

test('a source may take as many at once as the rate says, and is told how long to wait', () => {
  const { take } = buckets(3, 1000)

  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 334])
})

test('tokens come back evenly', () => {
  const { take, pass } = buckets(2, 1000)
  take()
  take()

  pass(400)
  const early = take()
  pass(100)
  const first = take()
  const second = take()

  expect([early, first, second]).toEqual([100, 0, 500])
})

test('nothing is saved up beyond the rate', () => {
  const { take, pass } = buckets(2, 1000)

  pass(60_000)

  expect([take(), take(), take()]).toEqual([0, 0, 500])
})

test('sources do not share', () => {
  const { take } = buckets(1, 1000)
  take('a')

  expect([take('b'), take('a')]).toEqual([0, 1000])
})

test('a source that has been away for a window is forgotten', () => {
  const { limit, take, pass } = buckets(2, 1000)
  for (let source = 0; source < 500; source++) take(String(source))
  const remembered = limit.size

  pass(1500)
  take('late')

  expect([remembered, limit.size]).toEqual([500, 1])
})

test('memory is bounded however many sources there are', () => {
  const { limit, take } = buckets(2, 60_000)

  for (let source = 0; source < 60_000; source++) take(String(source))

  expect(limit.size).toBe(50_000)
})
