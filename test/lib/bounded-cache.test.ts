import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { BoundedCache } from '../../src/lib/flow/bounded-cache.ts'

test('the entry that was not used for longest gives way when there are too many', () => {
  const cache = new BoundedCache<string, number>({ max: 2 })
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')

  cache.set('c', 3)

  expect([...cache.keys()].sort()).toEqual(['a', 'c'])
})

test('an entry that is replaced is not counted twice', () => {
  const cache = new BoundedCache<string, number>({ max: 2 })
  cache.set('a', 1)
  cache.set('b', 2)

  cache.set('b', 3)

  expect(cache.get('a')).toBe(1)
  expect(cache.get('b')).toBe(3)
})

test('an entry lives as long as it may', () => {
  let nowMs = 1_000
  const cache = new BoundedCache<string, number>({ max: 2, ttl: 100, perf: { now: () => nowMs } })
  cache.set('a', 1)

  nowMs += 101

  expect(cache.get('a')).toBeUndefined()
})

test('who leaves is told', () => {
  const gone: string[] = []
  const cache = new BoundedCache<string, number>({ max: 1, dispose: (_value, key) => void gone.push(key) })
  cache.set('a', 1)

  cache.set('b', 2)

  expect(gone).toEqual(['a'])
})

test('a cache takes memory for what it holds, not for what it may hold', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const takenBytes = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = takenBytes()

  const caches = Array.from(
    { length: 20 },
    () => new BoundedCache<string, number>({ max: 50_000, ttl: 1_000 }),
  )

  expect(takenBytes() - before).toBeLessThan(caches.length * 50_000)
})
