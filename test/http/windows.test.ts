import { expect, test } from 'vitest'
import { Windows } from '../../src/http/guard/windows.ts'

test('a window begins with the first request of a source and ends after its length', () => {
  let now = 0
  const windows = new Windows({ max: 2, windowMs: 60_000 }, () => now)

  expect(windows.take('a')).toEqual({ left: 1, resetSeconds: 60 })
  now = 10_500
  expect(windows.take('a')).toEqual({ left: 0, resetSeconds: 50 })
  expect(windows.take('b')).toEqual({ left: 1, resetSeconds: 60 })
  expect(windows.take('a')).toEqual({ left: -1, resetSeconds: 50 })
  now = 60_000
  expect(windows.take('a')).toEqual({ left: 1, resetSeconds: 60 })
})
