import { expect, test } from 'vitest'
import { ChangeWaiters } from '../../src/lib/flow/change-waiters.ts'

const open = () => {
  const ending = new AbortController()
  return { ending, waiters: new ChangeWaiters(ending.signal) }
}

test('what holds already is not waited for', async () => {
  expect(await open().waiters.until(() => true, 60_000)).toBe(true)
})

test('whoever waits goes on with the change that makes it true, and with no other', async () => {
  const { waiters } = open()
  let count = 0
  const third = waiters.until(() => count === 3, 60_000)
  const seen: number[] = []
  void third.then(() => seen.push(count))

  for (count = 1; count < 3; count++) waiters.changed()
  await Promise.resolve()
  expect(seen).toEqual([])
  waiters.changed()

  expect(await third).toBe(true)
})

test('nobody waits longer than asked, nor beyond the end', async () => {
  const { ending, waiters } = open()
  expect(await waiters.until(() => false, 5)).toBe(false)

  const waiting = Array.from({ length: 50 }, () => waiters.until(() => false, 60_000))
  ending.abort()

  expect(new Set(await Promise.all(waiting))).toEqual(new Set([false]))
  expect(await waiters.until(() => false, 60_000)).toBe(false)
})
