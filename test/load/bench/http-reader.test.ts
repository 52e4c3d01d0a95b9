import { expect, test } from 'vitest'
import { HttpReader, jsonRequest, statusOf } from './http-reader.ts'

const ANSWER = 'HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED =
  'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n'

test('reads a message however its bytes are cut', () => {
  const bytes = Buffer.from(ANSWER + CHUNKED)

  for (let cut = 1; cut < bytes.length; cut++) {
    const reader = new HttpReader()
    const messages = [...reader.read(bytes.subarray(0, cut)), ...reader.read(bytes.subarray(cut))]

    expect(messages.map(statusOf)).toEqual([200, 201])
    expect(messages.map(({ body }) => body.toString())).toEqual(['hello', 'abc0123456789abcdef'])
  }
})

test('reads several messages out of one piece, those without a body too', () => {
  const messages = new HttpReader().read(
    Buffer.from(`HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n${ANSWER}${ANSWER}`),
  )

  expect(messages.map(statusOf)).toEqual([204, 200, 200])
  expect(messages.map(({ body }) => body.toString())).toEqual(['', 'hello', 'hello'])
})

test('counts the bytes of a body, not its letters, in both directions', () => {
  const [request] = new HttpReader().read(
    Buffer.from(jsonRequest('/path', { text: 'größer' }, { token: 'a' })),
  )

  expect(request?.start).toBe('POST /path HTTP/1.1')
  expect(JSON.parse(String(request?.body))).toEqual({ text: 'größer' })
})

test('says so when chunks make no sense', () => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n')

  expect(() => new HttpReader().read(bytes)).toThrow('a chunk over HTTP has no size')
})
