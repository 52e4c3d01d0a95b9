import { beforeEach, expect, test } from 'vitest'
import { CircuitBreakers, LeftAloneError, type Verdict } from '../../src/lib/flow/circuit-breakers.ts'
import { createLogger } from '../../src/lib/process/logger.ts'

let now: number
let breakers: CircuitBreakers
let asked: number

beforeEach(() => {
  now = 0
  asked = 0
  breakers = new CircuitBreakers({
    log: createLogger('silent'),
    opened: 'it fails',
    closed: 'it works',
    pauses: { firstMs: 1_000, maxMs: 10_000 },
    now: () => now,
  })
})

const verdicts: Record<string, Verdict> = { 'Error: fault': 'fault', 'Error: given up': 'nothing' }
const ask = (key: string, outcome: () => Promise<string>) =>
  breakers
    .run(
      { key, facts: {} },
      () => {
        asked++
        return outcome()
      },
      (error) => verdicts[String(error)] ?? 'answer',
    )
    .catch((error: Error) => (error instanceof LeftAloneError ? 'left alone' : error.message))
const fails = () => Promise.reject(new Error('fault'))
const isGivenUp = () => Promise.reject(new Error('given up'))
const works = async () => 'answer'

test('nothing is asked of what failed three times in a row, for a pause that grows', async () => {
  for (const _ of [1, 2, 3]) await ask('a', fails)
  expect(await ask('a', works)).toBe('left alone')

  now = 1_300
  expect(await ask('a', fails)).toBe('fault')
  now = 1_300 + 1_300
  expect(await ask('a', works)).toBe('left alone')
  now = 1_300 + 2_500

  expect(await ask('a', works)).toBe('answer')
  expect(await ask('a', works)).toBe('answer')
  expect(asked).toBe(6)
})

test('others are asked meanwhile', async () => {
  for (const _ of [1, 2, 3]) await ask('a', fails)

  expect(await ask('b', works)).toBe('answer')
})

test('after the pause one is tried at a time', async () => {
  for (const _ of [1, 2, 3]) await ask('a', fails)
  now = 1_300
  let end = (_answer: string) => {}
  const trying = ask('a', () => new Promise((resolve) => (end = resolve)))

  expect(await ask('a', works)).toBe('left alone')
  end('answer')

  expect(await trying).toBe('answer')
  expect(await ask('a', works)).toBe('answer')
})

test('an error that is no fault is an answer, and faults count in a row only', async () => {
  const refuses = () => Promise.reject(new Error('refused'))

  for (const outcome of [fails, fails, refuses, fails, fails, works, fails, fails]) await ask('a', outcome)

  expect(await ask('a', works)).toBe('answer')
})

test('what was given up says nothing: it neither counts nor ends a row of faults', async () => {
  for (const _ of [1, 2, 3, 4]) await ask('b', isGivenUp)
  expect(await ask('b', works)).toBe('answer')

  for (const outcome of [fails, fails, isGivenUp, fails]) await ask('a', outcome)

  expect(await ask('a', works)).toBe('left alone')
})

test('a try that was given up leaves it to the next one', async () => {
  for (const _ of [1, 2, 3]) await ask('a', fails)
  now = 1_300
  expect(await ask('a', isGivenUp)).toBe('given up')

  expect(await ask('a', fails)).toBe('fault')
  expect(await ask('a', works)).toBe('left alone')
  now = 1_300 + 2_500
  expect(await ask('a', works)).toBe('answer')
})

test('what was asked before it was left alone does not make the pause longer', async () => {
  const ends: (() => void)[] = []
  const late = () => new Promise<string>((_resolve, reject) => ends.push(() => reject(new Error('fault'))))
  const all = [1, 2, 3, 4, 5].map(() => ask('a', late))
  for (const end of ends) end()
  await Promise.all(all)
  now = 1_300

  expect(await ask('a', works)).toBe('answer')
})
