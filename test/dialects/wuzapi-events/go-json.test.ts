import { expect, test } from 'vitest'
import { GoInteger, goProto } from '../../../src/dialects/shared/go/proto.ts'
import { goStringify, goStringifySorted } from '../../../src/dialects/shared/go/stringify.ts'
import { goTime, goTimeMs } from '../../../src/dialects/shared/go/time.ts'

test('HTML characters and line separators are escaped inside strings, slashes are not', () => {
  expect(goStringify({ a: '<b> & </b>\u2028\u2029\n"\\' })).toBe(
    '{"a":"\\u003cb\\u003e \\u0026 \\u003c/b\\u003e\\u2028\\u2029\\n\\"\\\\"}',
  )
})

test('half of a surrogate pair becomes the replacement character', () => {
  expect(goStringify(['a\ud83d', '👍'])).toBe('["a\ufffd","👍"]')
})

test('integers beyond 2^53 are written in full, and lose digits when the text is sorted', () => {
  const message = goProto({ high: { $int: '18446744073709551615' }, low: { $int: '9007199254740993' } })

  expect(goStringify(message)).toBe('{"high":18446744073709551615,"low":9007199254740993}')
  expect(goStringifySorted(message)).toBe('{"high":18446744073709552000,"low":9007199254740992}')
  expect(JSON.stringify({ value: new GoInteger('18446744073709551615') })).toBe(
    '{"value":18446744073709552000}',
  )
})

test('sorting puts upper case before lower case, at every level', () => {
  expect(goStringifySorted({ b: { z: 1, A: [{ y: 1, x: 2 }] }, B: null })).toBe(
    '{"B":null,"b":{"A":[{"x":2,"y":1}],"z":1}}',
  )
})

test('sorting goes by the bytes of names, of numbers too', () => {
  expect(goStringifySorted({ a: { '9': 1, b: 2, '10': 3 } })).toBe('{"a":{"10":3,"9":1,"b":2}}')
})

test('what is deep inside is not copied at every level around it', () => {
  let deep: object = { text: 'x'.repeat(500_000) }
  for (let level = 0; level < 600; level++) deep = { id: 'A', quotedMessage: deep, isForwarded: true }

  const since = performance.now()
  const text = goStringify(deep)

  expect(JSON.parse(text)).toEqual(deep)
  expect(performance.now() - since).toBeLessThan(1_000)
})

test('an empty object and an empty list stay what they are', () => {
  expect(goStringify({ a: {}, b: [], c: [undefined, {}], d: undefined })).toBe(
    '{"a":{},"b":[],"c":[null,{}]}',
  )
})

test('a oneof is an object with the chosen member, or null', () => {
  const header = { $oneofs: { media: 'imageMessage' }, title: 't', imageMessage: { url: 'u' } }

  expect(goProto(header)).toEqual({ Media: { ImageMessage: { URL: 'u' } }, title: 't' })
  expect(goProto({ $oneofs: { media: null }, title: 't' })).toEqual({ Media: null, title: 't' })
})

test('times carry the offset of their zone at that instant', () => {
  expect(goTime(1755795600, 'America/Sao_Paulo')).toBe('2025-08-21T14:00:00-03:00')
  expect(goTime(1755795600, 'Europe/Berlin')).toBe('2025-08-21T19:00:00+02:00')
  expect(goTime(1736935200, 'Europe/Berlin')).toBe('2025-01-15T11:00:00+01:00')
  expect(goTime(1755795600, 'Asia/Kolkata')).toBe('2025-08-21T22:30:00+05:30')
})

test('times without an offset end in Z, and no time is the zero time', () => {
  expect(goTime(1755795600, '')).toBe('2025-08-21T17:00:00Z')
  expect(goTime(1736935200, 'Europe/London')).toBe('2025-01-15T10:00:00Z')
  expect(goTime(0, 'America/Sao_Paulo')).toBe('0001-01-01T00:00:00Z')
})

test('fractions of seconds are printed without trailing zeros', () => {
  expect(goTimeMs(1755795600120, 'UTC')).toBe('2025-08-21T17:00:00.12Z')
  expect(goTimeMs(1755795600007, 'UTC')).toBe('2025-08-21T17:00:00.007Z')
})
