import { expect, test } from 'vitest'
import { goDuration } from '../../src/lib/text/go-duration.ts'

test.each([
  [0, '0s'],
  [850, '850ms'],
  [1_000, '1s'],
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
  [86_400_000 + 15 * 60_000 + 30_500, '24h15m30.5s'],
])('prints %d ms as %s', (milliseconds, printed) => {
  expect(goDuration(milliseconds)).toBe(printed)
})
