import { beforeEach, describe, expect, test } from 'vitest'
import { cautiousNow } from '../../src/lib/flow/cautious-now.ts'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE

describe('the time for what deletes by age', () => {
  let wall: number
  let elapsed: number
  let now: () => number

  /** Time goes on, for both clocks. */
  function wait(ms: number): void {
    wall += ms
    elapsed += ms
  }

  beforeEach(() => {
    wall = 1_800_000_000_000
    elapsed = 5
    now = cautiousNow({ wall: () => wall, elapsed: () => elapsed, trustMs: 60 * MINUTE })
  })

  test('is what the clock says', () => {
    wait(10 * MINUTE)

    expect(now()).toBe(wall)
  })

  test('goes on as before while the clock is a year ahead for a while', () => {
    const before = wall
    wait(10 * MINUTE)
    wall += YEAR

    expect(now()).toBe(before + 10 * MINUTE)
    wait(10 * MINUTE)
    expect(now()).toBe(before + 20 * MINUTE)
    wall -= YEAR
    wait(70 * MINUTE)
    expect(now()).toBe(before + 90 * MINUTE)
  })

  test('follows a jump that has lasted', () => {
    wall += YEAR
    now()
    wait(60 * MINUTE)

    expect(now()).toBe(wall)
  })

  test('does not add up jumps that did not last', () => {
    for (let jump = 0; jump < 10; jump++) {
      wall += YEAR
      expect(now()).toBe(wall - YEAR)
      wait(10 * MINUTE)
      wall -= YEAR
      expect(now()).toBe(wall)
    }
  })

  test('goes back with the clock at once', () => {
    wall -= 120 * MINUTE

    expect(now()).toBe(wall)
    wait(MINUTE)
    expect(now()).toBe(wall)
  })
})
