import { expect, test } from 'vitest'
import { FairTurns } from '../../src/lib/flow/fair-turns.ts'

interface Wish {
  name: string | undefined
  /** How long its turn lasts; 1 by default. */
  ms?: number
}

/** The names in the order of their turns, after a first one, which nobody has to wait for. */
async function order(wishes: Wish[]): Promise<(string | undefined)[]> {
  let now = 0
  const turns = new FairTurns({ now: () => now })
  const had: (string | undefined)[] = []
  const pass = await turns.take('first', 60_000)
  const all = wishes.map(async ({ name, ms = 1 }) => {
    const end = await turns.take(name, 60_000)
    had.push(name)
    now += ms
    end()
  })
  pass()
  await Promise.all(all)
  return had
}

const wishes = (...names: (string | undefined)[]) => names.map((name) => ({ name }))

test('a name that asks often waits for itself, not others for it', async () => {
  expect(await order(wishes('a', 'a', 'a', 'a', 'b', 'c'))).toEqual(['a', 'b', 'c', 'a', 'a', 'a'])
})

test('a name whose turns last long has fewer of them', async () => {
  const long = { name: 'long', ms: 3 }

  expect(await order([long, long, ...wishes('b', 'b', 'b', 'b')])).toEqual([
    'long',
    'b',
    'b',
    'b',
    'long',
    'b',
  ])
})

test('a turn that took a minute costs its name half a second', async () => {
  const minute = { name: 'a', ms: 60_000 }
  const others = Array.from({ length: 10 }, () => ({ name: 'b', ms: 100 }))

  const had = await order([minute, { name: 'a' }, ...others])

  expect(had.lastIndexOf('a')).toBeLessThanOrEqual(7)
})

test('whoever has no name has two thirds of the time, however many names there are', async () => {
  const names = await order(wishes(...'abcdef', ...Array<undefined>(12).fill(undefined)))

  for (const end of [3, 6, 9, 12])
    expect(names.slice(0, end).filter((name) => name === undefined).length).toBeGreaterThanOrEqual(
      (end * 2) / 3 - 1,
    )
  expect(names.slice(0, 12).some((name) => name !== undefined)).toBe(true)
})

test('whoever was away has not saved anything up', async () => {
  let now = 0
  const turns = new FairTurns({ now: () => now })
  const use = async (name: string) => {
    const end = await turns.take(name, 60_000)
    now += 1
    end()
  }
  for (let n = 0; n < 100; n++) await use('a')
  const had: string[] = []

  const pass = await turns.take('a', 60_000)
  const all = ['b', 'b', 'b', 'a', 'a'].map(async (name) => {
    const end = await turns.take(name, 60_000)
    had.push(name)
    now += 1
    end()
  })
  pass()
  await Promise.all(all)

  expect(had.indexOf('a')).toBeLessThan(3)
})

test('a turn that nobody waits for is there for the next who comes', async () => {
  const turns = new FairTurns()
  const end = await turns.take('a', 60_000)
  end()

  const next = await turns.take('b', 60_000)
  const waiting = turns.take(undefined, 60_000)
  next()

  await waiting
})

test('as many have turns at the same time as there is room for', async () => {
  const turns = new FairTurns({ atOnce: 2 })
  const first = await turns.take('a', 60_000)
  await turns.take('a', 60_000)
  const waiting = turns.take('a', 60_000)
  first()

  await waiting
  await expect(turns.take('b', 5)).rejects.toThrow('no turn within 5 ms')
})

test("whoever waits too long leaves its line, and takes nobody's turn", async () => {
  const turns = new FairTurns()
  const end = await turns.take('a', 60_000)
  await expect(turns.take('b', 5)).rejects.toThrow('no turn within 5 ms')
  await expect(turns.take(undefined, 5)).rejects.toThrow('no turn within 5 ms')
  const next = turns.take('c', 60_000)

  end()

  await next
})
