import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatheredPieces, PieceJoiner } from '../../src/lib/flow/piece-joiner.ts'

const pieces = fc.array(
  fc
    .tuple(fc.constantFrom(0, 1, 7, 5_000, 16_383, 16_384, 40_000), fc.nat(255))
    .map(([size, byte]) => Buffer.alloc(size, byte)),
  { maxLength: 30 },
)

test('pieces of any size come out as they went in', () => {
  fc.assert(
    fc.property(pieces, (given) => {
      const gathered = new GatheredPieces()
      for (const piece of given) gathered.push(piece)

      expect(gathered.all().equals(Buffer.concat(given))).toBe(true)
    }),
  )
})

test('single bytes come out in few buffers, and what was handed on is not written to again', () => {
  const joiner = new PieceJoiner()
  const joined: Buffer[] = []
  for (let at = 0; at < 100_000; at++) {
    const piece = joiner.push(Buffer.of(at % 251))
    if (piece) joined.push(piece)
  }
  joined.push(joiner.end() ?? Buffer.alloc(0))

  expect(joined.length).toBeLessThan(10)
  expect(Buffer.concat(joined).every((byte, at) => byte === at % 251)).toBe(true)
  expect(joiner.end()).toBeUndefined()
})
