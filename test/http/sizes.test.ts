import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { bytes, file, optional, requiredText, stringArray, text } from '../../src/http/endpoint/fields.ts'
import { openApiDocument } from '../../src/http/server/openapi.ts'
import { limits } from '../../src/lib/limits.ts'
import { echo, echoed, startTiny, tinyDialect } from './tiny.ts'

const six = { max: 6, source: 'this test' }

const letter = z.object({
  Phone: text(six),
  Body: text(),
  To: stringArray({ each: six, all: six }),
  Copies: optional(stringArray()),
  Key: bytes(six),
  Kind: z.union([z.string(), z.object({ name: text(six), rest: z.unknown() })]).optional(),
  Pages: z.array(z.object({ title: text(six) })).default([]),
  Quoted: z.record(z.string(), z.unknown()).optional(),
  When: z.union([z.string(), z.number()]).optional(),
})

async function start() {
  const { ask } = await startTiny(tinyDialect([echo(letter)]), { bodyLimitBytes: 32 * 1024 * 1024 })
  return async (body: object) => {
    const answer = await ask('/echo', { method: 'POST', body: JSON.stringify(body) })
    const { data, error } = JSON.parse(answer.text)
    return { status: answer.status, data, error }
  }
}

describe('what is too large is refused by its name and its limit', () => {
  test.each([
    ['a text', { Phone: 'x'.repeat(7) }, 'Phone is too long: at most 6 characters'],
    ['a text in other letters', { phone: 'x'.repeat(7) }, 'Phone is too long: at most 6 characters'],
    ['a text without a limit', { Body: 'x'.repeat(65_537) }, 'Body is too long: at most 65536 characters'],
    ['a list', { To: Array(7).fill('x') }, 'To has too many entries: at most 6'],
    [
      'a list without a limit',
      { Copies: Array(1_025).fill('x') },
      'Copies has too many entries: at most 1024',
    ],
    ['an entry', { To: ['x', 'x'.repeat(7)] }, 'To[1] is too long: at most 6 characters'],
    ['an entry without a limit', { Copies: ['x'.repeat(65_537)] }, 'Copies[0] is too long: at most 65536'],
    ['bytes in base64', { Key: 'AAAA'.repeat(3) }, 'Key is too long: at most 9 characters'],
    ['bytes as numbers', { Key: Array(7).fill(1) }, 'Key has too many entries: at most 6'],
    ['a text where an object may be', { Kind: 'x'.repeat(65_537) }, 'Kind is too long: at most 65536'],
    ['a text in an object', { Kind: { name: 'x'.repeat(7) } }, 'Kind.name is too long: at most 6 characters'],
    ['a text in a list', { Pages: [{ title: 'x'.repeat(7) }] }, 'Pages[0].title is too long: at most 6'],
    ['an open value', { Quoted: { a: { b: 'x'.repeat(600_000) } } }, 'Quoted is too large: at most 524288'],
    ['an open value inside', { Kind: { rest: Array(600).fill('x'.repeat(900)) } }, 'Kind.rest is too large'],
    [
      'many small open values',
      { Quoted: { a: Array(40_000).fill({ bcdefghijklmn: 1 }) } },
      'Quoted is too large',
    ],
    ['an open value, by its depth', { Quoted: nested(65) }, 'Quoted is nested too deeply: at most 64 levels'],
    ['a text where a number may be', { When: '1'.repeat(65_537) }, 'When is too long: at most 65536'],
  ])('%s', async (_what, body, sentence) => {
    const send = await start()

    const answer = await send(body)

    expect(answer).toMatchObject({ status: 400, error: expect.stringContaining(sentence) })
  })

  test('before anything else is said about the request', async () => {
    const body = z.object({ Phone: requiredText('missing Phone'), Body: text(six) })
    const { ask } = await startTiny(tinyDialect([echo(body)]))

    const answer = await ask('/echo', { method: 'POST', body: '{"Body":"1234567"}' })

    expect(answer.text).toContain('Body is too long: at most 6 characters')
  })

  test('in the path and in the query as well', async () => {
    const endpoint = post('/letters/:id', {
      summary: 'Letter',
      needs: 'stored',
      params: z.object({ id: text(six) }),
      query: z.object({ copy: optional(text(six)) }),
      run: async () => 'done',
      reply: echoed,
    })
    const { ask } = await startTiny(tinyDialect([endpoint]))

    const sentences = await Promise.all(
      ['/letters/1234567', '/letters/1?copy=1234567', '/letters/123456?copy=123456'].map(async (path) => {
        const { text } = await ask(path, { method: 'POST' })
        return JSON.parse(text).error
      }),
    )

    expect(sentences).toEqual([
      'id is too long: at most 6 characters',
      'copy is too long: at most 6 characters',
      undefined,
    ])
  })
})

test('what is as large as it may be is taken', async () => {
  const send = await start()
  const body = {
    Phone: 'x'.repeat(6),
    Body: 'x'.repeat(65_536),
    To: Array(6).fill('x'.repeat(6)),
    Copies: Array(1_024).fill('x'),
    Key: Buffer.alloc(6).toString('base64'),
    Kind: { name: 'x'.repeat(6), rest: 'x'.repeat(500_000) },
    Quoted: nested(60),
  }

  expect(await send(body)).toMatchObject({ status: 200 })
})

test('characters are counted as people do, not as JavaScript does', async () => {
  const send = await start()

  expect(await send({ Phone: '😀'.repeat(6) })).toMatchObject({ status: 200 })
  expect(await send({ Phone: '😀'.repeat(7) })).toMatchObject({ status: 400 })
})

test('a value of the wrong type is refused as such, however large', async () => {
  const send = await start()

  expect(await send({ Copies: 'x'.repeat(70_000) })).toMatchObject({ error: 'could not decode Payload' })
  expect(await send({ Phone: { a: 'x'.repeat(70_000) } })).toMatchObject({
    error: 'could not decode Payload',
  })
})

test('a file is as large as the body may be, wherever it stands', async () => {
  const body = z.object({ photo: file(), inside: z.object({ photo: file(), name: text() }).optional() })
  const measure = {
    ...echo(body),
    run: async (_scope: unknown, input: unknown) => JSON.stringify(input).length,
  }
  const { ask } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: 32 * 1024 * 1024 })
  const photo = 'A'.repeat(5_000_000)

  const answer = await ask('/echo', { method: 'POST', body: JSON.stringify({ photo, inside: { photo } }) })

  expect(answer.status).toBe(200)
})

test('a body without files needs room for its texts only, for long ones where it declares them', async () => {
  const picture = z.object({ name: text(), picture: text(limits.picture) })
  const dialect = tinyDialect([echo(z.object({ name: text() })), { ...echo(picture), path: '/picture' }])
  const { ask } = await startTiny(dialect, { bodyLimitBytes: 100 * 1024 * 1024 })
  const send = (path: string, body: object) => ask(path, { method: 'POST', body: JSON.stringify(body) })

  const small = await send('/echo', { name: 'x'.repeat(3_000_000) })
  const large = await send('/picture', { picture: 'x'.repeat(8_000_000) })

  expect(small).toMatchObject({ status: 413, text: expect.stringContaining('the limit is 2 MB') })
  expect(large.status).toBe(200)
})

test('a form has no more room for texts than JSON', async () => {
  const { ask } = await startTiny(tinyDialect([echo(z.object({ name: text(), photo: file() }))]), {
    bodyLimitBytes: 32 * 1024 * 1024,
  })
  const form = new FormData()
  for (const name of ['a', 'b', 'c', 'd']) form.set(name, 'x'.repeat(1_000_000))

  expect((await ask('/echo', { method: 'POST', body: form })).status).toBe(413)
})

test('the documentation tells the limits that are declared, and the usual ones once', () => {
  const document = openApiDocument(tinyDialect([echo(letter)]), '/')

  const written = JSON.stringify(document)
  expect(written).toContain('"Phone":{"type":"string","maxLength":6}')
  expect(written).toContain('"maxItems":6')
  expect(written).toContain('a text of a request has at most 65536 characters and a list 1024 entries')
})

/** Objects in objects, so many. */
function nested(levels: number): object {
  return levels === 0 ? {} : { a: nested(levels - 1) }
}
