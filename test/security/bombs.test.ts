import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { file, text } from '../../src/http/endpoint/fields.ts'
import { echo, echoed, startTiny, tinyDialect } from '../http/tiny.ts'

const upload = post('/upload', {
  summary: 'Upload',
  needs: 'stored',
  body: z.object({ name: text(), photo: file() }),
  run: async (_scope, { name, photo }: { name: string; photo?: z.infer<ReturnType<typeof file>> }) => ({
    name,
    fileName: typeof photo === 'object' && 'fileName' in photo ? photo.fileName : undefined,
  }),
  input: ({ body }) => body,
  reply: echoed,
})
const start = (options = {}) =>
  startTiny(tinyDialect([echo(z.object({ name: text() })), upload]), {
    bodyLimitBytes: 4_000_000,
    ...options,
  })

/** Sends a head, then what `more` gives until the server has answered; resolves with the answer and the bytes sent. */
function pour(port: number, head: string, more: () => Buffer | string | undefined) {
  return new Promise<{ answer: string; sentBytes: number }>((resolve, reject) => {
    let answer = ''
    let sentBytes = 0
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head)
      goOn()
    })
    const goOn = () => {
      while (answer === '' && !socket.destroyed) {
        const piece = more()
        if (piece === undefined) return
        sentBytes += piece.length
        if (!socket.write(piece)) return
      }
    }
    socket.on('drain', goOn)
    socket.on('data', (data) => {
      answer += data
      socket.end()
      resolve({ answer, sentBytes })
    })
    socket.on('error', reject)
  })
}

describe('a body', () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'a')
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), MEGABYTE, Buffer.from('\r\n')])

  test.each([
    ['announced', 'Content-Length: 1073741824', () => MEGABYTE],
    ['sent in chunks', 'Transfer-Encoding: chunked', () => chunk],
  ])('of a gigabyte, %s, is refused after a few megabytes', async (_way, header, more) => {
    const { port } = await start()
    const before = process.memoryUsage().rss

    const { answer, sentBytes } = await pour(
      port,
      `POST /echo HTTP/1.1\r\nHost: x\r\nToken: ann\r\n${header}\r\n\r\n`,
      more,
    )

    expect(answer).toMatch(/^HTTP\/1.1 413/)
    expect(sentBytes).toBeLessThan(100 * 1024 * 1024)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  })

  test.each([
    ['arrays in arrays', '['.repeat(2_000_000)],
    ['objects in objects', '{"a":'.repeat(300_000)],
    ['closed as deep as they were opened', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
  ])('of %s cannot be decoded', async (_what, body) => {
    const { ask } = await start()

    expect((await ask('/echo', { method: 'POST', body })).status).toBe(400)
  })

  const fields = (count: number) => Array.from({ length: count }, (_, at) => `"f${at}":1`).join(',')

  test('of tens of thousands of fields is read, and what nobody declared is dropped', async () => {
    const { ask } = await start()

    const answer = await ask('/echo', { method: 'POST', body: `{${fields(90_000)},"name":"me"}` })

    expect(JSON.parse(answer.text).data).toEqual({ name: 'me' })
  })

  test('of more values than any request needs is refused before it is parsed', async () => {
    const { ask } = await start()

    const answer = await ask('/echo', { method: 'POST', body: `{${fields(110_000)},"name":"me"}` })

    expect(answer.status).toBe(400)
    expect(answer.text).toContain('the request has too many values: at most 100000')
  })

  test.each([
    ['of a million fields', `{${fields(1_000_000)},"name":"me"}`],
    ['of a million strings', `[${'"a",'.repeat(1_000_000)}"a"]`],
    ['of many strings that could each stay in memory', `[${`"${'a'.repeat(900_000)}",`.repeat(20)}1]`],
  ])('%s is refused, also where files may be', async (_what, body) => {
    const { ask } = await start({ bodyLimitBytes: 32_000_000 })

    const statuses = await Promise.all(
      ['/echo', '/upload'].map((path) => ask(path, { method: 'POST', body }).then(({ status }) => status)),
    )

    expect(statuses).toEqual([413, 413])
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', '__defineGetter__'])(
    'with the key %s changes no object but itself',
    async (key) => {
      const { ask } = await start()
      const evil = `{"polluted":true,"name":"evil","prototype":{"polluted":true}}`

      const answers = await Promise.all([
        ask('/echo', { method: 'POST', body: `{"${key}":${evil}}` }),
        ask('/upload', { method: 'POST', body: `{"${key}":${evil}}` }),
        ask(`/echo?${key}=1`, { method: 'POST', body: '{}' }),
      ])

      expect(answers.map(({ text }) => JSON.parse(text).data.name)).toEqual(['', '', ''])
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    },
  )

  test('that is compressed is not inflated', async () => {
    const { ask } = await start()
    const headers = { Token: 'ann', 'Content-Encoding': 'gzip' }

    const answer = await ask('/echo', { method: 'POST', headers, body: gzipSync(Buffer.alloc(50_000_000)) })

    expect(answer.status).toBe(400)
  })

  test('that drips in, a byte now and then, is given up when it pauses too long', async () => {
    const { port } = await start({ bodyIdleMs: 50 })
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nToken: ann\r\nContent-Length: 9\r\n\r\n{'

    expect((await pour(port, head, () => undefined)).answer).toMatch(/^HTTP\/1.1 408/)
  })
})

describe('a form', () => {
  const send = async (contentType: string, body: string | Buffer, options = {}) => {
    const { ask } = await start(options)
    const headers = { Token: 'ann', 'Content-Type': contentType }
    return ask('/upload', { method: 'POST', headers, body: body as RequestInit['body'] })
  }
  const TYPE = 'multipart/form-data; boundary=b'
  const part = (disposition: string, content = 'x') =>
    `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
  const CLOSE = '--b--\r\n'

  test.each<[what: string, type: string, body: string]>([
    ['without a boundary', 'multipart/form-data', part('name="name"') + CLOSE],
    ['that never begins', TYPE, 'nothing'],
    ['that never ends', TYPE, part('name="name"')],
    [
      'whose part has no end of headers',
      TYPE,
      `--b\r\nContent-Disposition: form-data; name="name"${'x'.repeat(90_000)}`,
    ],
    ['of a thousand files', TYPE, part('name="photo"; filename="a"').repeat(1000) + CLOSE],
    ['of a thousand texts', TYPE, part('name="name"').repeat(1000) + CLOSE],
    ['with a file where none belongs', TYPE, part('name="other"; filename="a"') + CLOSE],
    [
      'with a name that nests a thousand times',
      TYPE,
      part(`name="a${'[a]'.repeat(1000)}"; filename="a"`) + CLOSE,
    ],
  ])('%s is refused', async (_what, type, body) => {
    const answer = await send(type, body)

    expect(answer.status).toBe(400)
  })

  test('with a text of two megabytes is refused', async () => {
    expect((await send(TYPE, part('name="name"', 'x'.repeat(2_000_000)) + CLOSE)).status).toBe(413)
  })

  test.each([
    '../../etc/passwd',
    '..\\..\\boot.ini',
    '/etc/passwd',
    'C:\\a\\b',
    '..%2f..%2fpasswd',
    'a\u0000b',
  ])('whose file is called %j writes nowhere but to the temporary folder', async (name) => {
    const answer = await send(TYPE, part(`name="photo"; filename="${name}"`) + CLOSE)

    expect(answer.status).toBeLessThan(500)
    const { fileName = '' } = JSON.parse(answer.text).data ?? {}
    expect(fileName).not.toMatch(/^\/|\/\.\.|^\.\.\//)
  })

  test.each(['__proto__', 'constructor', '__proto__[polluted]', 'constructor[prototype][polluted]'])(
    'with the field %s changes no object',
    async (name) => {
      const answer = await send(TYPE, part(`name="${name}"`) + CLOSE)

      expect(answer.status).toBeLessThan(500)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    },
  )
})
