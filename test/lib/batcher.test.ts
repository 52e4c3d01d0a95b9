import { expect, test } from 'vitest'
import { Batcher } from '../../src/lib/flow/batcher.ts'
import type { Verdict } from '../../src/lib/flow/write-apart.ts'

class Failure extends Error {
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    super(verdict)
    this.verdict = verdict
  }
}

const judge = (error: unknown): Verdict => (error instanceof Failure ? error.verdict : 'refused')

/** A batcher that takes letters; `fail` says how a write ends. */
function letters({ maxSize = 100, fail = (_written: string): Verdict | undefined => undefined } = {}) {
  const writes: string[] = []
  const lost: string[] = []
  const batcher = new Batcher<string, string>({
    write: async (items) => {
      const together = items.join('')
      writes.push(together)
      await new Promise(setImmediate)
      const verdict = fail(together)
      if (verdict) throw new Failure(verdict)
      return together
    },
    judge,
    maxSize,
    onLost: (items) => lost.push(...items),
  })
  const add = (text: string) => Promise.allSettled([...text].map((letter) => batcher.add(letter)))
  return { batcher, writes, lost, add }
}

test('what comes in one turn of the event loop, and what comes during a write, is written together', async () => {
  const { batcher, writes, add } = letters()

  const first = add('abc')
  while (writes.length === 0) await new Promise(setImmediate)
  const later = add('de')
  await Promise.all([first, later, batcher.idle()])

  expect(writes).toEqual(['abc', 'de'])
  expect(await later).toEqual(['de', 'de'].map((value) => ({ status: 'fulfilled', value })))
})

test('a bad item fails alone, and the others are written in their order', async () => {
  const { writes, add } = letters({ fail: (written) => (written.includes('x') ? 'refused' : undefined) })

  const outcomes = await add('abcxdefg')

  expect(outcomes.map(({ status }) => status)).toEqual(
    [...'abcxdefg'].map((letter) => (letter === 'x' ? 'rejected' : 'fulfilled')),
  )
  expect(writes.filter((written) => !written.includes('x')).join('')).toBe('abcdefg')
})

test('every item is refused for a reason of its own', async () => {
  const { add } = letters({ fail: (written) => (/[xy]/.test(written) ? 'refused' : undefined) })

  const outcomes = await add('xaybxx')

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
})

test('nobody is singled out while the writer is away', async () => {
  const { writes, lost, batcher, add } = letters({ fail: () => 'away' })

  batcher.put('p')
  const outcomes = await add('abc')

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(writes).toEqual(['pabc', 'pabc'])
  expect(lost).toEqual(['p'])
})

test('the rest is given up when the writer goes away while items are told apart', async () => {
  const fail = (written: string) => (written === 'abcd' ? 'refused' : 'away') as Verdict
  const { writes, add } = letters({ fail })

  await add('abcd')

  expect(writes).toEqual(['abcd', 'ab', 'ab'])
})

test('what collided with another write is written again as it was, a few times', async () => {
  let collisions = 2
  const { writes, add } = letters({ fail: () => (collisions-- > 0 ? 'collided' : undefined) })

  const outcomes = await add('ab')

  expect(writes).toEqual(['ab', 'ab', 'ab'])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
})

test('what a writer was away for is written as it was when it is back', async () => {
  let failures = 1
  const { writes, add } = letters({ fail: () => (failures-- > 0 ? 'away' : undefined) })

  const outcomes = await add('ab')

  expect(writes).toEqual(['ab', 'ab'])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
})

test('a write is no larger than allowed', async () => {
  const { writes, add } = letters({ maxSize: 2 })

  await add('abcde')

  expect(writes).toEqual(['ab', 'cd', 'e'])
})

test('what can wait goes along with what cannot', async () => {
  const { batcher, writes } = letters()

  const patient = batcher.add('a', 60_000)
  await batcher.add('b')

  expect(await patient).toBe('ab')
  expect(writes).toEqual(['ab'])
})

test('what can wait is written when its time has come, or when somebody waits for everything', async () => {
  const { batcher, writes, lost } = letters()

  await batcher.add('a', 5)
  batcher.put('b', 60_000)
  await batcher.idle()

  expect(writes).toEqual(['a', 'b'])
  expect(lost).toEqual([])
})

test('what has patience waits for it also while something else is being written', async () => {
  const writes: number[][] = []
  let release = () => {}
  const batcher = new Batcher<number>({
    write: async (items) => {
      writes.push(items)
      if (writes.length === 1) await new Promise<void>((resolve) => (release = resolve))
    },
    judge: () => 'refused',
    maxSize: 10,
  })
  const first = batcher.add(1)
  await expect.poll(() => writes.length).toBe(1)

  const patient = [batcher.add(2, 60), batcher.add(3, 60)]
  release()
  await first
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(writes).toEqual([[1]])

  await Promise.all(patient)
  expect(writes).toEqual([[1], [2, 3]])
})

test('what has patience is written with whatever has none, and at once when it is hastened', async () => {
  const writes: number[][] = []
  const batcher = new Batcher<number>({
    write: async (items) => void writes.push(items),
    judge: () => 'refused',
    maxSize: 10,
  })

  const together = [batcher.add(1, 10_000), batcher.add(2)]
  await Promise.all(together)
  const hastened = batcher.add(3, 10_000)
  batcher.hasten()
  await hastened

  expect(writes).toEqual([[1, 2], [3]])
})

test('is idle only when nothing patient waits, also what came during the last write', async () => {
  const { batcher, writes } = letters()
  batcher.put('a')
  const idle = batcher.idle()
  await new Promise(setImmediate)
  batcher.put('b', 60_000)

  await idle

  expect(writes).toEqual(['a', 'b'])
})
