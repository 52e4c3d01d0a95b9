import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonUnescape } from '../../src/lib/text/json-unescape.ts'

function unescaped(text: string, cuts: number[]): string {
  const bytes = Buffer.from(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  const reader = new JsonUnescape()
  const pieces = at.slice(1).map((end, index) => Buffer.from(reader.write(bytes.subarray(at[index], end))))
  return Buffer.concat([...pieces, reader.end()]).toString('utf8')
}

const character = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
  fc.constantFrom('/', '\\', '"', '\n', 'u', 'é', '😀', '\ud83d', '\ude00'),
)
/** A JSON string as some client or other writes it: `/` and any character may be escaped. */
const written = fc.tuple(character, fc.constantFrom('plain', 'unicode', 'slash')).map(([text, style]) => {
  if (style === 'unicode')
    return [...Array(text.length).keys()]
      .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join('')
  const json = JSON.stringify(text).slice(1, -1)
  return style === 'slash' ? json.replaceAll('/', '\\/') : json
})

test('undoes what JSON.parse undoes, wherever the text is cut', () => {
  fc.assert(
    fc.property(fc.array(written), fc.array(fc.nat(200), { maxLength: 5 }), (parts, cuts) => {
      const json = parts.join('')

      // Writing UTF-8 turns lone surrogates into U+FFFD on both sides.
      const expected = Buffer.from(JSON.parse(`"${json}"`)).toString('utf8')
      expect(unescaped(json, cuts)).toBe(expected)
    }),
  )
})

test.each(['\\x', '\\u12g4', '\\', '\\u12'])('refuses %j', (text) => {
  expect(() => unescaped(text, [])).toThrow(SyntaxError)
})
