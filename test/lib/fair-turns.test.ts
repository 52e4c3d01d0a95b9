import { expect, test } from 'vitest'
import { FairTurns } from '../../src/lib/flow/fair-turns.ts'

/** The names in the order of their turns, after the first one, which nobody has to wait for. */
async function order(names: (string | undefined)[]): Promise<(string | undefined)[]> {
  const turns = new FairTurns()
  const had: (string | undefined)[] = []
  await turns.take('first')
  const all = names.map(async (name) => {
    await turns.take(name)
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
  await turns.take('a')
  turns.pass()

  await turns.take('b')
  const waiting = turns.take(undefined)
  turns.pass()

  await waiting
})
