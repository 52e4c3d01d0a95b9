import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { BodyReader } from '../../src/http/body/body.ts'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { requiredText } from '../../src/http/endpoint/fields.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { open } from './open-request.ts'
import { echo, echoed, startTiny, tinyDialect } from './tiny.ts'

const MEGABYTE = 1024 * 1024
const phoneBody = z.object({ Phone: requiredText('missing Phone in Payload') })
/** A field that may fill the whole body. */
const longBody = z.object({
  Phone: requiredText('missing Phone in Payload', { max: 200 * MEGABYTE, source: 'this test' }),
})
/** Answers with the length of what it got, so that big bodies stay out of the assertions. */
const measure = post('/measure', {
  summary: 'Measure',
  needs: 'stored',
  body: longBody,
  run: async (_scope, phone: string) => phone.length,
  input: ({ body }) => body.Phone,
  reply: echoed,
})

describe('a body', () => {
  test.each([
    ['application/json'],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['nonsense'],
  ])('is read as JSON although it claims to be %s', async (contentType) => {
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)]))

    const answer = await ask('/echo', {
      method: 'POST',
      headers: { Token: 'ann', 'Content-Type': contentType },
      body: '{"phone":"1"}',
    })

    expect(answer.text).toBe('{"code":200,"data":{"Phone":"1"},"success":true}\n')
  })

  test('that is compressed cannot be decoded, so nothing can inflate', async () => {
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)]))

    const answer = await ask('/echo', {
      method: 'POST',
      headers: { Token: 'ann', 'Content-Encoding': 'gzip' },
      body: gzipSync('{"Phone":"1"}'),
    })

    expect(answer.text).toContain('could not decode Payload')
  })

  test('arrives in pieces of any size', async () => {
    const { port } = await startTiny(tinyDialect([measure]))
    const body = Buffer.from('{"Phone":"señal"}')

    const { request, answer } = open(port, '/measure', { Token: 'ann' })
    for (const byte of body) request.write(Buffer.of(byte))
    request.end()

    expect(await answer).toMatchObject({ status: 200, text: '{"code":200,"data":5,"success":true}\n' })
  })

  test('is joined when it comes byte by byte: each buffer costs far more than a byte', async () => {
    const bodies = new BodyReader({ maxBytes: MEGABYTE, maxTotalBytes: MEGABYTE, idleMs: 10_000 })
    const pieces: Buffer[] = []
    const server = createServer(async (request, response) => {
      await bodies.receive(request, response, { take: (piece) => void pieces.push(piece) })
      response.end('received')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const bytes = Array.from({ length: 40_000 }, (_, at) => `1\r\n${at % 10}\r\n`)

    const answer = await sendRaw(
      port,
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.join('')}0\r\n\r\n`,
    )
    server.close()

    expect(answer).toContain('received')
    expect(Buffer.concat(pieces).toString()).toBe('0123456789'.repeat(4_000))
    expect(pieces.length).toBeLessThan(5)
  })

  test('that came with the head of its request is read at once, and the next request follows', async () => {
    const bodies = new BodyReader({ maxBytes: 20, maxTotalBytes: MEGABYTE, idleMs: 10_000 })
    const flowing: unknown[] = []
    const server = createServer(async (request, response) => {
      // As a request that is authenticated first.
      await new Promise(setImmediate)
      const pieces: Buffer[] = []
      const take = (piece: Buffer): undefined => {
        // Null as long as nobody has listened to its pieces.
        flowing.push(request.readableFlowing)
        pieces.push(piece)
      }
      const failure = await bodies.receive(request, response, { take }).catch(({ code }) => code)
      response.end(`${failure ?? ''}<${pieces.join('')}>`)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const asked = (body: string, how = `Content-Length: ${body.length}`) =>
      `POST / HTTP/1.1\r\nHost: x\r\n${how}\r\n\r\n${body}`
    const tooLong = asked('15\r\naaaaaaaaaabbbbbbbbbbc\r\n0\r\n\r\n', 'Transfer-Encoding: chunked')

    const answers = await sendRaw(
      port,
      `${asked('first')}${asked('')}${tooLong}${asked('last', 'Connection: close\r\nContent-Length: 4')}`,
    )
    server.close()

    expect(answers.match(/\w*<.*>/g)).toEqual(['<first>', '<>', 'payload_too_large<>', '<last>'])
    expect(flowing).toEqual([null, null])
  })

  test('may be as large as the limit', async () => {
    const { ask } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: 4 * MEGABYTE })
    const body = `{"Phone":"${'A'.repeat(4 * MEGABYTE - 12)}"}`

    const answer = await ask('/measure', { method: 'POST', headers: { Token: 'ann' }, body })

    expect(answer.text).toContain(`"data":${4 * MEGABYTE - 12}`)
  })

  test('that announces more than the limit is refused unread', async () => {
    const { port } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: MEGABYTE })

    const { request, answer } = open(port, '/measure', { Token: 'ann', 'Content-Length': String(10 ** 12) })
    request.write('{"Phone":"')

    expect(await answer).toMatchObject({
      status: 413,
      text: '{"code":413,"error":"request body is too large, the limit is 1 MB","success":false}\n',
    })
    request.destroy()
  })

  test('that turns out longer than the limit is refused while it is being sent', async () => {
    const { port } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: MEGABYTE })

    const { request, answer } = open(port, '/measure', { Token: 'ann' })
    const piece = Buffer.alloc(64 * 1024, 'A')
    let refused = false
    void answer.then(() => {
      refused = true
    })
    while (!refused) {
      if (!request.write(piece)) await Promise.race([once(request, 'drain'), answer])
    }

    expect((await answer).status).toBe(413)
    request.destroy()
  })

  test('is not asked for when the caller is unknown', async () => {
    const { port } = await startTiny(tinyDialect([measure]))

    const unknown = open(port, '/measure', {
      Token: 'nobody',
      Expect: '100-continue',
      'Content-Length': '1000000',
    })
    let invited = false
    unknown.request.on('continue', () => {
      invited = true
    })

    expect((await unknown.answer).status).toBe(401)
    expect(invited).toBe(false)
    unknown.request.destroy()
  })

  test('is asked for when the caller is known', async () => {
    const { port } = await startTiny(tinyDialect([measure]))

    const known = open(port, '/measure', { Token: 'ann', Expect: '100-continue' })
    await once(known.request, 'continue')
    known.request.end('{"Phone":"123"}')

    expect((await known.answer).text).toContain('"data":3')
  })

  test('that stops coming is given up, whatever was announced', async () => {
    const { port } = await startTiny(tinyDialect([measure]), { bodyIdleMs: 50 })

    const { request, answer } = open(port, '/measure', { Token: 'ann', 'Content-Length': '100' })
    request.write('{"Pho')

    expect(await answer).toMatchObject({ status: 408 })
    request.destroy()
  })

  test('whose sender leaves is forgotten', async () => {
    const lines: string[] = []
    const { port, ask } = await startTiny(tinyDialect([measure]), { onLog: (line) => lines.push(line) })

    const { request, answer } = open(port, '/measure', { Token: 'ann', 'Content-Length': '100' })
    answer.catch(() => {})
    request.write('{"Pho')
    await expect.poll(() => request.socket?.bytesWritten ?? 0).toBeGreaterThan(100)
    request.destroy()

    await expect.poll(() => lines.join()).toContain('client went away')
    expect(lines.filter((line) => line.includes('"level":50'))).toEqual([])
    expect(
      (await ask('/measure', { method: 'POST', headers: { Token: 'ann' }, body: '{"Phone":"1"}' })).status,
    ).toBe(200)
  })

  test('waits for memory only so long: too many at once are turned away', async () => {
    const { port, ask } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: MEGABYTE })
    const almostFull = Buffer.alloc(MEGABYTE - 1000, 'A')

    const uploads = [1, 2, 3, 4, 5].map(() => open(port, '/measure', { Token: 'ann' }))
    for (const { request } of uploads) request.write(almostFull)
    const first = await Promise.race(uploads.map((upload) => upload.answer))

    expect(first).toMatchObject({ status: 503 })
    for (const { request, answer } of uploads) {
      answer.catch(() => {})
      request.destroy()
    }
    const after = () => ask('/measure', { method: 'POST', headers: { Token: 'ann' }, body: '{"Phone":"1"}' })
    await expect.poll(async () => (await after()).status).toBe(200)
  })
})

describe('an answer', () => {
  test('reaches a client that is still uploading, and then the connection ends', async () => {
    const { port } = await startTiny(tinyDialect([measure]), { bodyLimitBytes: 100 * MEGABYTE })
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /measure HTTP/1.1\r\nHost: x\r\nToken: nobody\r\nTransfer-Encoding: chunked\r\n\r\n')
    const uploading = uploadEndlessly(socket)

    const answer = await received(socket, '"success":false}')
    socket.write('0\r\n\r\n')
    uploading.stop()
    await once(socket, 'close')

    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).toContain('Connection: close')
  })

  test('leaves the connection open when what is left of the request is small', async () => {
    const { port } = await startTiny(tinyDialect([measure]))
    const socket = connect(port, '127.0.0.1')
    const body = '{"Phone":"1"}'
    const request = (token: string) =>
      `POST /measure HTTP/1.1\r\nHost: x\r\nToken: ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

    socket.write(request('nobody') + request('ann'))

    const answers = await received(socket, '"success":true}')
    expect(answers).toMatch(/^HTTP\/1.1 401 [\s\S]*HTTP\/1.1 200 /)
    socket.destroy()
  })
})

/** Keeps sending pieces of a chunked body until stopped. */
function uploadEndlessly(socket: Socket) {
  const piece = `400\r\n${'A'.repeat(1024)}\r\n`
  const timer = setInterval(() => socket.write(piece), 5)
  return { stop: () => clearInterval(timer) }
}

function received(socket: Socket, ending: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      if (text.includes(ending)) resolve(text)
    })
    socket.on('error', reject)
  })
}
