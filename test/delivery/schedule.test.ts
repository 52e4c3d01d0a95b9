import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { pauseAfter, retryPauses } from '../../src/delivery/schedule.ts'
import { parseRetryAfter } from '../../src/delivery/webhook.ts'

const middle = () => 0.5
const pauses = (env: Record<string, string>) => retryPauses(loadConfig(env))

test('the own schedule is 5 s, 30 s, 2 min, 10 min, 1 h, 6 h', () => {
  expect(pauses({})).toEqual([5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000])
})

test("either of wuzapi's variables brings wuzapi's schedule: attempts in total and a doubling pause", () => {
  expect(pauses({ WEBHOOK_RETRY_COUNT: '5' })).toEqual([30_000, 60_000, 120_000, 240_000])
  expect(pauses({ WEBHOOK_RETRY_COUNT: '3', WEBHOOK_RETRY_DELAY_SECONDS: '1' })).toEqual([1_000, 2_000])
  expect(pauses({ WEBHOOK_RETRY_ENABLED: 'false' })).toEqual([])
})

test('after the last pause a delivery is given up', () => {
  expect(pauseAfter(1, [100, 200], undefined, middle)).toBe(100)
  expect(pauseAfter(2, [100, 200], undefined, middle)).toBe(200)
  expect(pauseAfter(3, [100, 200], undefined, middle)).toBeUndefined()
})

test('Retry-After lengthens a pause, at most to an hour, and never shortens it', () => {
  expect(pauseAfter(1, [5_000], 20_000, middle)).toBe(20_000)
  expect(pauseAfter(1, [5_000], 999_000_000, middle)).toBe(3_600_000)
  expect(pauseAfter(1, [5_000], 1_000, middle)).toBe(5_000)
})

test('Retry-After is understood as seconds and as a date', () => {
  const now = Date.parse('2020-01-01T00:00:00Z')

  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Wed, 01 Jan 2020 00:01:00 GMT', now)).toBe(60_000)
  expect(parseRetryAfter('Tue, 31 Dec 2019 00:00:00 GMT', now)).toBe(0)
  expect(parseRetryAfter('soon', now)).toBeUndefined()
  expect(parseRetryAfter(undefined, now)).toBeUndefined()
})
