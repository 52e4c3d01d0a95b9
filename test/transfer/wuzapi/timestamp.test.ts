import { expect, test } from 'vitest'
import { instantOf } from '../../../src/transfer/wuzapi/timestamp.ts'

const noon = Date.parse('2026-11-28T12:00:00Z')

test.each([
  ['2026-11-28 12:00:00.357792642 +0000 UTC m=+9.789445260', noon + 357],
  ['2026-11-28 14:00:00 +0200 +0200', noon],
  ['2026-11-28 09:00:00.5 -0300 -03 m=-1.5', noon + 500],
  ['2026-11-28 13:00:00 +0100 CET', noon],
  ['2026-11-28T12:00:00Z', noon],
  ['2026-11-28T12:00:00.120Z', noon + 120],
  ['2026-11-28T17:30:00+05:30', noon],
  ['2026-11-28 12:00:00', noon],
  ['2026-11-28 12:00:00+00:00', noon],
  [new Date(noon), noon],
  [noon / 1000, noon],
  [noon, noon],
  ['yesterday', undefined],
  ['2026-13-45 12:00:00', undefined],
  [null, undefined],
])('the time %j is read', (stored, instant) => {
  expect(instantOf(stored)).toBe(instant)
})
