import { describe, expect, test } from 'vitest'
import { startFrameClock } from '../../src/calls/frames.ts'
import { JitterBuffer } from '../../src/calls/jitter.ts'

/** Takes turns until there is nothing, and says what each was: the number in a packet, or what it was instead. */
function drain(buffer: JitterBuffer, turns: number): (number | string)[] {
  return Array.from({ length: turns }, () => {
    const turn = buffer.pull()
    return turn.kind === 'packet' ? turn.payload.readUInt16BE() : turn.kind
  })
}

function push(buffer: JitterBuffer, ...sequences: number[]): void {
  for (const sequence of sequences) buffer.push(sequence, Buffer.from([sequence >> 8, sequence]))
}

describe('packets in their order', () => {
  test('the first is played when three are there', () => {
    const buffer = new JitterBuffer()
    push(buffer, 7, 8)

    expect(drain(buffer, 1)).toEqual(['empty'])
    push(buffer, 9)
    expect(drain(buffer, 4)).toEqual([7, 8, 9, 'empty'])
  })

  test('a few that nothing follows are played as well', () => {
    const buffer = new JitterBuffer()
    push(buffer, 7)

    expect(drain(buffer, 4)).toEqual(['empty', 'empty', 7, 'empty'])
  })

  test('numbers begin anew after 65 535, in whatever order they come', () => {
    const buffer = new JitterBuffer()
    push(buffer, 65_535, 65_534, 0)
    expect(drain(buffer, 1)).toEqual([65_534])

    push(buffer, 2, 1)
    expect(drain(buffer, 4)).toEqual([65_535, 0, 1, 2])
  })

  test('what never came is lost when later ones are there, and what comes after its turn is late', () => {
    const buffer = new JitterBuffer()
    push(buffer, 1, 2, 4)
    expect(drain(buffer, 1)).toEqual([1])

    push(buffer, 5)
    expect(drain(buffer, 3)).toEqual([2, 'lost', 4])
    push(buffer, 3)
    expect(drain(buffer, 1)).toEqual([5])
    expect([buffer.lost, buffer.late]).toEqual([1, 1])
  })

  test('after a pause it begins as at first', () => {
    const buffer = new JitterBuffer()
    push(buffer, 1, 2, 3)
    drain(buffer, 6)
    push(buffer, 4)

    expect(drain(buffer, 1)).toEqual(['empty'])
    push(buffer, 5, 6)
    expect(drain(buffer, 3)).toEqual([4, 5, 6])
  })

  test('a sender that is faster than we are is caught up with', () => {
    const buffer = new JitterBuffer()
    push(buffer, 0, 1, 2)
    for (let at = 3; at < 303; at++) {
      push(buffer, at)
      // One more comes for every fifty that are played.
      if (at % 50 !== 0) drain(buffer, 1)
    }

    expect(buffer.trimmed).toBeGreaterThan(0)
    expect(buffer.depth).toBeLessThan(6)
  })

  test('what came before anybody listened is not heard late', () => {
    const buffer = new JitterBuffer()
    push(buffer, ...Array.from({ length: 20 }, (_, at) => at))

    expect(drain(buffer, 4)).toEqual([17, 18, 19, 'empty'])
  })

  test('no more than three seconds wait, and a stream that begins elsewhere is followed', () => {
    const buffer = new JitterBuffer()
    push(buffer, ...Array.from({ length: 200 }, (_, at) => at))

    expect(buffer.depth).toBe(50)
    push(buffer, 30_000, 30_001, 30_002)
    expect(drain(buffer, 3)).toEqual([30_000, 30_001, 30_002])
  })
})

describe('the clock of the frames', () => {
  test('makes up for what a timer is late by, and leaves out what is too much', async () => {
    let now = 0
    const frames: number[] = []
    const clock = startFrameClock(
      (leftOut) => frames.push(leftOut),
      () => now,
    )

    now = 60 * 3 + 10
    await expect.poll(() => frames.length).toBe(3)
    now = 60 * 103 + 10
    await expect.poll(() => frames.length).toBe(8)
    clock.stop()

    expect(frames).toEqual([0, 0, 0, 95, 0, 0, 0, 0])
  })
})
