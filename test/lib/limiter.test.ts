import { expect, test } from 'vitest'
import { createLimiter, staggered } from '../../src/lib/flow/limiter.ts'

test('lets no more in than there are places, in the order they came', async () => {
  const limiter = createLimiter(1)
  const entered: number[] = []
  const first = await limiter.acquire()
  const second = limiter.acquire().then((release) => {
    entered.push(2)
    return release
  })
  const third = limiter.acquire().then((release) => {
    entered.push(3)
    return release
  })

  expect(limiter.waiting).toBe(2)
  first()
  ;(await second)()
  ;(await third)()

  expect(entered).toEqual([2, 3])
})

test('a place given back twice is free once', async () => {
  const limiter = createLimiter(1)
  const release = await limiter.acquire()
  release()
  release()
  await limiter.acquire()

  const waiting = limiter.acquire(AbortSignal.timeout(20))

  await expect(waiting).rejects.toThrow()
})

test('a waiter that gives up leaves the line', async () => {
  const limiter = createLimiter(1)
  await limiter.acquire()
  const abort = new AbortController()
  const waiting = limiter.acquire(abort.signal)
  abort.abort(new Error('gone'))

  await expect(waiting).rejects.toThrow('gone')
  expect(limiter.waiting).toBe(0)
})

test('staggered places are taken at different moments, and given back by who gives up', async () => {
  const limiter = createLimiter(50)
  const spread = staggered(limiter, 200)
  const from = performance.now()

  const moments = await Promise.all(
    Array.from({ length: 50 }, () => spread.acquire().then(() => performance.now() - from)),
  )
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(50)

  const only = createLimiter(1)
  await expect(staggered(only, 10_000).acquire(AbortSignal.timeout(20))).rejects.toThrow()
  expect(await only.acquire()).toBeTypeOf('function')
})
