import { expect, test } from 'vitest'
import { FairTurns } from '../../src/lib/flow/fair-turns.ts'

/** The names in the order of their turns, after the first one, which nobody has to wait for. */
async function order(names: (string | undefined)[]): Promise<(string | undefined)[]> {
  const turns = new FairTurns()
  const had: (string | undefined)[] = []
  await turns.take('first', 60_000)
  const all = names.map(async (name) => {
    await turns.take(name, 60_000)
    had.push(name)
    turns.pass()
  })
  turns.pass()
  await Promise.all(all)
  return had
}

test('a name that asks often waits for itself, not others for it', async () => {
  expect(await order(['a', 'a', 'a', 'a', 'b', 'c'])).toEqual(['a', 'b', 'c', 'a', 'a', 'a'])
})

test('whoever has no name comes first, and leaves every second turn to the others', async () => {
  expect(await order(['a', 'a', 'b', undefined, undefined, undefined])).toEqual([
    undefined,
    'a',
    undefined,
    'b',
    undefined,
    'a',
  ])
})

test('a turn that nobody waits for is there for the next who comes', async () => {
  const turns = new FairTurns()
  await turns.take('a', 60_000)
  turns.pass()

  await turns.take('b', 60_000)
  const waiting = turns.take(undefined, 60_000)
  turns.pass()

  await waiting
})

test("whoever waits too long leaves its line, and takes nobody's turn", async () => {
  const turns = new FairTurns()
  await turns.take('a', 60_000)
  await expect(turns.take('b', 5)).rejects.toThrow('no turn within 5 ms')
  await expect(turns.take(undefined, 5)).rejects.toThrow('no turn within 5 ms')
  const next = turns.take('c', 60_000)

  turns.pass()

  await next
})
