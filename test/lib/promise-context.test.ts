import { setTimeout as delay, setImmediate as nextRound } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ContextStorage } from '../../src/lib/process/promise-context.ts'

const storage = new ContextStorage<string>()
const other = new ContextStorage<number>()

describe('the context of asynchronous work', () => {
  test('is found again behind every kind of await', async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: what the query builder does.
      then: (resolve: (seen: string | undefined) => void) => resolve(storage.getStore()),
    }

    const seen = await storage.run('a', async () => [
      storage.getStore(),
      await Promise.resolve().then(() => storage.getStore()),
      await thenable,
      await delay(5).then(() => storage.getStore()),
      await nextRound().then(() => storage.getStore()),
      ...(await Promise.all([1, 2].map(async (ms) => delay(ms).then(() => storage.getStore())))),
      await new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => storage.getStore()),
      await Promise.reject(new Error('expected')).catch(() => storage.getStore()),
    ])

    expect(seen).toEqual(Array(9).fill('a'))
  })

  test('is that of each, whatever runs side by side', async () => {
    const work = async () => {
      const seen: (string | undefined)[] = []
      for (let step = 0; step < 20; step++) {
        await (step % 3 === 0 ? nextRound() : Promise.resolve())
        seen.push(storage.getStore())
      }
      return seen
    }

    const all = await Promise.all(['a', 'b', 'c'].map((name) => storage.run(name, work)))

    expect(all).toEqual(['a', 'b', 'c'].map((name) => Array(20).fill(name)))
    expect(storage.getStore()).toBeUndefined()
  })

  test('follows a generator from one value to the next', async () => {
    async function* values() {
      for (let count = 0; count < 3; count++) {
        await nextRound()
        yield storage.getStore()
      }
    }

    const seen = await storage.run('a', async () => {
      const all: (string | undefined)[] = []
      for await (const value of values()) all.push(value)
      return all
    })

    expect(seen).toEqual(['a', 'a', 'a'])
  })

  test('is left by an exit, for as long as it lasts', async () => {
    const seen = await storage.run('a', async () => {
      const outside = storage.exit(async () => {
        await nextRound()
        return storage.getStore()
      })
      return [storage.getStore(), await outside, storage.getStore()]
    })

    expect(seen).toEqual(['a', undefined, 'a'])
  })

  test('comes back after an error', async () => {
    const seen = await storage.run('a', async () => {
      expect(() =>
        storage.run('b', () => {
          throw new Error('expected')
        }),
      ).toThrow('expected')
      return storage.getStore()
    })

    expect(seen).toBe('a')
    expect(storage.getStore()).toBeUndefined()
  })

  test('holds the values of all storages apart', async () => {
    const seen = await storage.run('a', () =>
      other.run(1, async () => {
        await nextRound()
        return [
          storage.getStore(),
          other.getStore(),
          storage.exit(() => [storage.getStore(), other.getStore()]),
        ]
      }),
    )

    expect(seen).toEqual(['a', 1, [undefined, 1]])
  })

  test('is taken along by what was bound, and by a snapshot', async () => {
    const [bound, inSnapshot] = storage.run('a', () => [
      ContextStorage.bind(async () => {
        await nextRound()
        return storage.getStore()
      }),
      ContextStorage.snapshot(),
    ])

    const seen = await storage.run('b', async () => [
      await bound(),
      inSnapshot(() => storage.getStore()),
      storage.getStore(),
    ])

    expect(seen).toEqual(['a', 'a', 'b'])
  })

  test('does not leak into what a job queue, a timer or a socket begins later', async () => {
    const seen: (string | undefined)[] = []
    await storage.run('a', async () => {
      await nextRound()
    })
    await new Promise<void>((resolve) => setTimeout(resolve, 1)).then(() => seen.push(storage.getStore()))
    queueMicrotask(() => seen.push(storage.getStore()))
    await nextRound()

    expect(seen).toEqual([undefined, undefined])
  })
})
