import { expect, test } from 'vitest'
import { QuietMoments } from '../../src/lib/process/quiet-moments.ts'

const MB = 1024 * 1024
const MINUTE = 60_000

/** Looks at the process every five seconds; returns at which times memory is released. */
function looks(untilMs: number, { busy, rssMb }: { busy(ms: number): number; rssMb(ms: number): number }) {
  const moments = new QuietMoments()
  const released: number[] = []
  for (let atMs = 5_000; atMs <= untilMs; atMs += 5_000) {
    const rssBytes = rssMb(atMs) * MB
    if (!moments.isNow({ atMs, busy: busy(atMs), rssBytes })) continue
    moments.released({ atMs, rssBytes: 100 * MB })
    released.push(atMs)
  }
  return released
}

test('the first quiet look after the start is a moment, however short the quiet was', () => {
  expect(looks(MINUTE, { busy: (ms) => (ms < 20_000 ? 0.9 : 0.01), rssMb: () => 200 })).toEqual([20_000])
})

test('a process that works all the time is left alone', () => {
  expect(looks(60 * MINUTE, { busy: () => 0.3, rssMb: (ms) => ms })).toEqual([])
})

test('later it takes a minute of quiet', () => {
  const isWork = (ms: number) => ms > 15 * MINUTE && ms <= 20 * MINUTE

  const released = looks(30 * MINUTE, {
    busy: (ms) => (isWork(ms) ? 0.5 : 0),
    rssMb: (ms) => (ms > 15 * MINUTE ? 180 : 105),
  })

  expect(released).toEqual([5_000, 21 * MINUTE + 5_000])
})

test('it does not happen again within ten minutes', () => {
  const released = looks(21 * MINUTE, { busy: () => 0, rssMb: () => 300 })

  expect(released).toEqual([5_000, 10 * MINUTE + 5_000, 20 * MINUTE + 5_000])
})

test('it does not happen again for little', () => {
  expect(looks(60 * MINUTE, { busy: () => 0, rssMb: () => 110 })).toEqual([5_000])
})
