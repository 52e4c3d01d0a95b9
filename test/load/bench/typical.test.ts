import { expect, test } from 'vitest'
import { typical } from './measures/count-measure.ts'

test('what is also done at other times counts for a message only where nearly every message has it', () => {
  const idle = new Set(['poll', 'claim'])
  const message = (counts: Record<string, number>) => new Map(Object.entries(counts))

  const counted = typical(
    [
      message({ insert: 2, claim: 1, poll: 5 }),
      message({ insert: 2, claim: 2 }),
      message({ insert: 2, claim: 1, poll: 1, seldom: 1 }),
      message({ insert: 2, claim: 1 }),
    ],
    idle,
  )

  expect(Object.fromEntries(counted)).toEqual({ insert: 2, claim: 1, poll: 0, seldom: 0.25 })
})
