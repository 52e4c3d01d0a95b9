import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { compileDecode } from '../../src/http/endpoint/decode.ts'
import type { Endpoint } from '../../src/http/endpoint/endpoint.ts'
import {
  bool,
  bytes,
  integer,
  number,
  optional,
  requiredStringArray,
  requiredText,
  stringArray,
  text,
  unsigned,
} from '../../src/http/endpoint/fields.ts'
import { firstJson } from '../../src/http/endpoint/first-json.ts'
import { compileFold } from '../../src/http/endpoint/go-json.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { echo } from './tiny.ts'

const message = z.object({
  Phone: requiredText('missing Phone in Payload'),
  Body: requiredText('missing Body in Payload'),
  Id: optional(text()),
  Seconds: unsigned(),
  Latitude: number(),
  History: integer(),
  LinkPreview: bool(),
  Waveform: bytes(),
  ContextInfo: z
    .object({ StanzaID: optional(text()), MentionedJID: stringArray(), Thumbnail: optional(bytes()) })
    .optional(),
  Buttons: z.array(z.object({ ButtonId: text(), kind: text() })).default([]),
  QuotedMessage: z.record(z.string(), z.unknown()).optional(),
})

/** Decodes a body the way the server does. */
function decoding(endpoint: Endpoint) {
  const decode = compileDecode(endpoint)
  return (body: string | Buffer) =>
    decode({ params: {}, query: {}, body: async () => firstJson(Buffer.from(body)) }).then(
      (parts) => parts.body,
    )
}

const decodeMessage = decoding(echo(message))
const withPhone = (members: string) => `{"Phone":"1","Body":"b",${members}}`

describe('accepts what Go accepts', () => {
  test.each<[title: string, body: string, expected: object]>([
    ['exact names', '{"Phone":"1","Body":"b"}', { Phone: '1', Body: 'b' }],
    [
      'names in any case',
      '{"PHONE":"1","bODY":"b","linkpreview":true}',
      { Phone: '1', Body: 'b', LinkPreview: true },
    ],
    [
      'the Kelvin sign for k',
      withPhone('"linK\u212apreview":1,"Lin\u212aPreview":true'),
      { LinkPreview: true },
    ],
    ['the long s for s', withPhone('"hi\u017ftory":7,"LATITUDE":1'), { History: 7, Latitude: 1 }],
    [
      'names in nested objects',
      withPhone('"contextinfo":{"stanzaId":"x"}'),
      { ContextInfo: { StanzaID: 'x', MentionedJID: [] } },
    ],
    [
      'names in lists of objects',
      withPhone('"buttons":[{"buttonID":"a","KIND":"k"}]'),
      { Buttons: [{ ButtonId: 'a', kind: 'k' }] },
    ],
    [
      'free objects as they are',
      withPhone('"quotedMessage":{"conversation":"Hi","B":{"c":null}}'),
      { QuotedMessage: { conversation: 'Hi', B: { c: null } } },
    ],
    ['a repeated key: the last one', '{"Phone":"1","Body":"b","Body":"c"}', { Body: 'c' }],
    ['two spellings: the later one', '{"Phone":"1","Body":"b","phone":"2"}', { Phone: '2' }],
    ['null after a value: the value stays', '{"Phone":"1","Body":"b","phone":null}', { Phone: '1' }],
    [
      'null as absent',
      withPhone('"Id":null,"Waveform":null,"Buttons":null,"LinkPreview":null'),
      { Waveform: Buffer.alloc(0), Buttons: [], LinkPreview: false },
    ],
    [
      'null inside a list as a zero value',
      withPhone('"ContextInfo":{"MentionedJID":["a",null]},"Buttons":[null]'),
      { ContextInfo: { MentionedJID: ['a', ''] }, Buttons: [{ ButtonId: '', kind: '' }] },
    ],
    ['unknown keys, however deep', withPhone('"nonsense":{"deep":[1,{"x":null}]}'), { Phone: '1' }],
    ['text behind the first value', '{"Phone":"1","Body":"b"} }{ anything', { Phone: '1' }],
    ['white space in front', '\r\n\t {"Phone":"1","Body":"b"}', { Phone: '1' }],
    [
      'braces and quotes inside strings',
      '{"Phone":"}\\"]","Body":"\\\\"}{"Body":"other"}',
      { Phone: '}"]', Body: '\\' },
    ],
    ['base64', withPhone('"Waveform":"AAEC/w=="'), { Waveform: Buffer.from([0, 1, 2, 255]) }],
    [
      'base64 with line breaks',
      withPhone('"Waveform":"AAEC\\r\\n/w=="'),
      { Waveform: Buffer.from([0, 1, 2, 255]) },
    ],
    ['bytes as numbers', withPhone('"Waveform":[0,1,null,255]'), { Waveform: Buffer.from([0, 1, 0, 255]) }],
    ['an empty base64 string', withPhone('"Waveform":""'), { Waveform: Buffer.alloc(0) }],
    [
      'whole numbers written as fractions, which JSON.parse cannot tell apart',
      withPhone('"Seconds":5.0'),
      { Seconds: 5 },
    ],
    [
      'a lone surrogate, as the replacement character',
      '{"Phone":"\\ud800x","Body":"\\ud83d\\ude00"}',
      { Phone: '\ufffdx', Body: '😀' },
    ],
    ['__proto__, as an unknown key', withPhone('"__proto__":{"Id":"x","polluted":true}'), { Phone: '1' }],
  ])('%s', async (_title, body, expected) => {
    expect(await decodeMessage(body)).toMatchObject(expected)
  })

  test('invalid UTF-8 inside a string, as the replacement character', async () => {
    const body = Buffer.concat([
      Buffer.from('{"Phone":"a'),
      Buffer.from([0xff]),
      Buffer.from('","Body":"b"}'),
    ])

    expect(await decodeMessage(body)).toMatchObject({ Phone: 'a\ufffd' })
  })

  test('null instead of an object, as an empty one', async () => {
    const lenient = decoding(echo(z.object({ Subscribe: stringArray(), Immediate: bool() })))

    expect(await lenient('null')).toEqual({ Subscribe: [], Immediate: false })
    expect(await lenient(' null garbage')).toEqual({ Subscribe: [], Immediate: false })
  })

  test('nesting as deep as Go allows, below keys that nobody declared', async () => {
    const deep = '['.repeat(9_990) + ']'.repeat(9_990)

    expect(await decodeMessage(withPhone(`"deep":${deep}`))).toMatchObject({ Phone: '1' })
  })
})

describe('cannot decode what Go cannot decode', () => {
  test.each<[title: string, body: string]>([
    ['an empty body', ''],
    ['white space', ' \n'],
    ['a list', '[]'],
    ['a list of objects', '[{"Phone":"1","Body":"b"}]'],
    ['a string', '"x"'],
    ['a number', '5'],
    ['true', 'true'],
    ['an unfinished object', '{"Phone":"1","Body":"b"'],
    ['an unfinished string', '{"Phone":"1'],
    ['a missing quote', '{Phone:"1"}'],
    ['a trailing comma', '{"Phone":"1","Body":"b",}'],
    ['a raw line feed in a string', '{"Phone":"1\n","Body":"b"}'],
    ['mismatched brackets', '{"Phone":["1"},"Body":"b"]'],
    ['a byte order mark', '\ufeff{"Phone":"1","Body":"b"}'],
    ['form data', 'Phone=1&Body=b'],
    ['a number for a string', '{"Phone":1,"Body":"b"}'],
    ['a list for a string', '{"Phone":["1"],"Body":"b"}'],
    ['a string for a boolean', withPhone('"LinkPreview":"true"')],
    ['a number for a boolean', withPhone('"LinkPreview":1')],
    ['a string for a number', withPhone('"Latitude":"1.5"')],
    ['a fraction for a whole number', withPhone('"Seconds":1.5')],
    ['a negative unsigned number', withPhone('"Seconds":-1')],
    ['a number beyond a double', withPhone('"Latitude":1e999')],
    ['a whole number beyond 2^53', withPhone('"History":9223372036854775808')],
    ['a string for an object', withPhone('"ContextInfo":"x"')],
    ['a list for an object', withPhone('"ContextInfo":[]')],
    ['an object for a list', withPhone('"Buttons":{}')],
    ['a number inside a list of strings', withPhone('"ContextInfo":{"MentionedJID":[1]}')],
    ['a data URL for bytes', withPhone('"Waveform":"data:image/png;base64,AAEC"')],
    ['base64 without padding', withPhone('"Waveform":"AAEC/w"')],
    ['URL-safe base64', withPhone('"Waveform":"AAEC_w=="')],
    ['padding in the middle', withPhone('"Waveform":"AA==AAEC"')],
    ['numbers that are no bytes', withPhone('"Waveform":[256]')],
    ['negative bytes', withPhone('"Waveform":[-1]')],
    ['bad bytes in a nested object', withPhone('"ContextInfo":{"thumbnail":"?"}')],
    ['a wrong type although a required field is missing', '{"LinkPreview":"yes"}'],
    ['a wrong type behind an empty required field', '{"Phone":"","Body":5}'],
    ['nesting deeper than 10,000', withPhone(`"deep":${'['.repeat(10_001)}${']'.repeat(10_001)}`)],
    ['endless nesting', '[{"a":'.repeat(100_000)],
  ])('%s', async (_title, body) => {
    await expect(decodeMessage(body)).rejects.toMatchObject({
      code: 'invalid_payload',
      message: 'could not decode Payload',
    })
  })

  test('and says so in the words of the endpoint', async () => {
    const decode = decoding(echo(message, { undecodable: 'invalid request payload' }))

    await expect(decode('{')).rejects.toMatchObject({ message: 'invalid request payload' })
    await expect(decode('{"Phone":1}')).rejects.toMatchObject({ message: 'invalid request payload' })
  })
})

describe('reports the first missing field in declared order', () => {
  test.each([
    ['absent', '{"Body":""}'],
    ['null', '{"Phone":null}'],
    ['empty', '{"Phone":"","Body":""}'],
  ])('%s', async (_title, body) => {
    await expect(decodeMessage(body)).rejects.toMatchObject({
      status: 400,
      message: 'missing Phone in Payload',
    })
  })

  test('for lists too', async () => {
    const decode = decoding(echo(z.object({ Phone: requiredStringArray('missing Phone in Payload') })))

    await expect(decode('{"Phone":[]}')).rejects.toMatchObject({ message: 'missing Phone in Payload' })
    await expect(decode('{}')).rejects.toMatchObject({ message: 'missing Phone in Payload' })
  })
})

describe('folding follows the schema', () => {
  test('exact names win where two declared names differ in case only', () => {
    const fold = compileFold(z.object({ RowId: text(), RowID: text(), rowId: text() }))

    expect(fold({ rowId: 'c', RowID: 'b', RowId: 'a' })).toEqual({ RowId: 'a', RowID: 'b', rowId: 'c' })
    expect(fold({ ROWID: 'x' })).toEqual({ RowId: 'x' })
  })

  test('through optional, default, pipe, lazy and union schemas', () => {
    interface Node {
      Value?: string
      Next?: Node
    }
    const node: z.ZodType<Node> = z.object({
      Value: z.string().optional(),
      Next: z.lazy(() => node).optional(),
    })
    const schema = z.object({
      A: z.object({ Inner: text() }).optional().default({ Inner: '' }),
      B: z.preprocess((value) => value, z.object({ Inner: text() })),
      C: z.union([z.string(), z.object({ Left: text() }), z.array(z.object({ Right: text() }))]),
      D: node,
    })

    const folded = compileFold(schema)({
      a: { INNER: '1' },
      b: { inner: '2' },
      c: [{ right: '3' }],
      d: { value: '4', next: { next: { VALUE: '5' } } },
    })

    expect(folded).toEqual({
      A: { Inner: '1' },
      B: { Inner: '2' },
      C: [{ Right: '3' }],
      D: { Value: '4', Next: { Next: { Value: '5' } } },
    })
  })

  test('and leaves a union alone where its members disagree', () => {
    const fold = compileFold(
      z.union([
        z.object({ Media: z.object({ Url: text() }) }),
        z.object({ Media: z.object({ Data: text() }) }),
      ]),
    )

    expect(fold({ media: { Data: 'x' } })).toEqual({ Media: { Data: 'x' } })
  })
})

describe('never fails with anything but an ApiError', () => {
  const outcome = (body: string | Buffer) =>
    decodeMessage(body).then(
      () => 'decoded',
      (error: unknown) => (error instanceof ApiError ? 'refused' : error),
    )

  test('on arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        expect(['decoded', 'refused']).toContain(await outcome(Buffer.from(body)))
      }),
      { numRuns: 300 },
    )
  })

  test('on arbitrary JSON under the declared names', async () => {
    const names = fc.constantFrom(
      'phone',
      'BODY',
      'Id',
      'seconds',
      'waveform',
      'contextinfo',
      'buttons',
      '__proto__',
      'constructor',
    )
    const tree = fc.dictionary(names, fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(tree, fc.string(), async (value, garbage) => {
        expect(['decoded', 'refused']).toContain(await outcome(`${JSON.stringify(value)} ${garbage}`))
        expect(Object.prototype).not.toHaveProperty('polluted')
      }),
      { numRuns: 300 },
    )
  })

  test('and the first value is the one JSON.parse sees', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('', ' ', '}', '{"x":1}', ']'),
        (value, rest) => {
          const printed = JSON.stringify(value)
          expect(JSON.stringify(firstJson(Buffer.from(printed + rest)))).toBe(
            JSON.stringify(JSON.parse(printed)),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
