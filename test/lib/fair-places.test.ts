import { expect, test } from 'vitest'
import { FairPlaces } from '../../src/lib/flow/fair-places.ts'

/** Asks for a place and notes when it is there. */
function ask(places: FairPlaces, key: string, entered: string[], signal?: AbortSignal) {
  return places.acquire(key, signal).then((leave) => {
    entered.push(key)
    return leave
  })
}

const turn = () => new Promise(setImmediate)

test('a key has its own places at most, and leaves the others to the rest', async () => {
  const places = new FairPlaces({ total: 4, perKey: 2, slowMs: 1_000 })
  const entered: string[] = []

  for (const key of ['a', 'a', 'a', 'a', 'b', 'c', 'd']) void ask(places, key, entered)
  await turn()

  expect(entered).toEqual(['a', 'a', 'b', 'c'])
})

test('lines take turns, however long one of them is', async () => {
  const places = new FairPlaces({ total: 1, perKey: 1, slowMs: 1_000 })
  const entered: string[] = []
  const asked = ['a', 'a', 'a', 'b', 'c'].map((key) => ask(places, key, entered))
  for (const index of [0, 1, 3, 4]) (await asked[index])?.()
  await asked[2]

  expect(entered).toEqual(['a', 'a', 'b', 'c', 'a'])
})

test('keys that are slow share half of the places', async () => {
  let now = 0
  const places = new FairPlaces({ total: 4, perKey: 2, slowMs: 1_000 }, () => now)
  const entered: string[] = []
  const leaveA = await ask(places, 'a', entered)
  const leaveB = await ask(places, 'b', entered)
  now = 5_000
  leaveA()
  leaveB()

  for (const key of ['a', 'a', 'b', 'b', 'c', 'd']) void ask(places, key, entered)
  await turn()

  expect(entered).toEqual(['a', 'b', 'a', 'a', 'c', 'd'])
})

test('one that holds a place for too long is slow already', async () => {
  let now = 0
  const places = new FairPlaces({ total: 2, perKey: 2, slowMs: 1_000 }, () => now)
  const entered: string[] = []
  await ask(places, 'a', entered)
  now = 5_000

  void ask(places, 'a', entered)
  void ask(places, 'b', entered)
  await turn()

  expect(entered).toEqual(['a', 'b'])
})

test('whoever gives up waiting leaves the line', async () => {
  const places = new FairPlaces({ total: 1, perKey: 1, slowMs: 1_000 })
  const entered: string[] = []
  const giveUp = new AbortController()
  const leave = await ask(places, 'a', entered)
  const gone = ask(places, 'a', entered, giveUp.signal).catch(() => 'gone')
  const next = ask(places, 'b', entered)

  giveUp.abort()
  leave()
  leave()
  await next

  expect(await gone).toBe('gone')
  expect(entered).toEqual(['a', 'b'])
})
