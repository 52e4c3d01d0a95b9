import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SpellingSearch } from '../../src/lib/secrets/spelling-search.ts'

const words = fc.array(fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', '\xff') }), {
  maxLength: 8,
})
const texts = fc.string({ maxLength: 60, unit: fc.constantFrom('a', 'b', '\xff') })

function found(search: SpellingSearch, text: string): [number, number][] {
  const ranges: [number, number][] = []
  search.find(text, (from, to) => ranges.push([from, to]))
  return ranges
}

/** Whether each byte of the text belongs to something found. */
function covered(length: number, ranges: [number, number][]): boolean[] {
  return Array.from({ length }, (_, at) => ranges.some(([from, to]) => from <= at && at < to))
}

test('finds what looking for each by itself finds', () => {
  fc.assert(
    fc.property(words, texts, (needles, text) => {
      const search = new SpellingSearch(needles.map((bytes) => ({ bytes, isInBase64: false })))
      const expected = needles.flatMap((needle) =>
        Array.from({ length: text.length }, (_, at): [number, number] => [at, at + needle.length]).filter(
          ([from]) => text.startsWith(needle, from),
        ),
      )

      expect(covered(text.length, found(search, text))).toEqual(covered(text.length, expected))
    }),
  )
})

test('tells once of each place, however much ends there', () => {
  const needles = Array.from({ length: 500 }, (_, at) => ({ bytes: 'a'.repeat(at + 1), isInBase64: false }))

  const ranges = found(new SpellingSearch(needles), 'a'.repeat(1_000))

  expect(ranges).toHaveLength(1_000)
  expect(ranges.at(-1)).toEqual([500, 1_000])
})

test('base64 takes its neighbours with it, as they hold bits of it', () => {
  const search = new SpellingSearch([{ bytes: 'c2VjcmV0', isInBase64: true }])

  expect(found(search, 'xc2VjcmV0y')).toEqual([[0, 10]])
  expect(found(search, '"c2VjcmV0"')).toEqual([[1, 9]])
})
