import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRequest, printAnswer, printError } from '../../../../src/dialects/wuzapi/stdio/json-rpc.ts'
import { memberText } from '../../../../src/dialects/wuzapi/stdio/member-text.ts'
import { notification } from '../../../../src/dialects/wuzapi/stdio/notification.ts'
import { sampleUser } from '../../../helpers/users.ts'

describe('a request', () => {
  test.each([
    ['{"id":1,"method":"health"}', { id: 1, method: 'health', params: {} }],
    ['{"jsonrpc":"2.0","id":0,"method":"m","params":null}', { id: 0, method: 'm', params: {} }],
    ['{"id":"","method":"m","params":{"a":1}}', { id: '', method: 'm', params: { a: 1 } }],
    ['{"id":-7,"method":"m"}', { id: -7, method: 'm', params: {} }],
  ])('%s is read', (line, request) => {
    expect(parseRequest(line)).toEqual(request)
  })

  test.each([
    ['secret words', null, 'invalid JSON request: it is no JSON'],
    ['', null, 'invalid JSON request: it is no JSON'],
    ['[{"id":1,"method":"m"}]', null, 'invalid JSON request: it is no object'],
    ['null', null, 'invalid JSON request: it is no object'],
    ['{"method":"m"}', null, 'missing request id'],
    ['{"id":null,"method":"m"}', null, 'missing request id'],
    ['{"id":1.5,"method":"m"}', null, 'invalid JSON request: id must be'],
    ['{"id":18446744073709551615,"method":"m"}', null, 'invalid JSON request: id must be'],
    ['{"id":{},"method":"m"}', null, 'invalid JSON request: id must be'],
    ['{"id":1}', 1, 'missing method'],
    ['{"id":"a","method":""}', 'a', 'missing method'],
    ['{"id":1,"method":7}', 1, 'invalid JSON request: method must be a text'],
    ['{"id":1,"method":"m","params":[1]}', 1, 'invalid JSON request: params must be an object'],
  ])('%s is refused', (line, id, message) => {
    expect(() => parseRequest(line)).toThrow(
      expect.objectContaining({ code: 400, id, message: expect.stringContaining(message) }),
    )
  })
})

describe('an answer', () => {
  test.each([
    [
      200,
      true,
      '{"code":200,"data":{"b":1,"a":18446744073709551615},"success":true}\n',
      '"result":{"b":1,"a":18446744073709551615}',
    ],
    [200, true, '{"code":200,"data":null,"success":true}', '"result":null'],
    [200, true, '{"status":"ok"}\n', '"result":{"status":"ok"}'],
    [200, false, 'two\nlines', '"result":"two\\nlines"'],
    [
      401,
      true,
      '{"code":401,"error":"Unauthorized","success":false}\n',
      '"error":{"code":401,"message":"Unauthorized"}',
    ],
    [404, false, '404 page not found\n', '"error":{"code":404,"message":"404 page not found"}'],
    [431, false, '', '"error":{"code":431,"message":"request failed"}'],
  ])('of %i is one line', (status, isJson, body, outcome) => {
    expect(printAnswer('id "1"', { status, isJson, body })).toBe(
      `{"jsonrpc":"2.0","id":"id \\"1\\"",${outcome}}`,
    )
  })

  test('to a line without a name has none either', () => {
    expect(printError(null, { code: 400, message: 'no' })).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":400,"message":"no"}}',
    )
  })
})

test('the text of a member is that member, whatever stands around it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      fc.boolean(),
      (object, data, wide) => {
        const json = JSON.stringify({ ...object, data, after: '}"data":1' }, undefined, wide ? 2 : undefined)

        expect(JSON.parse(memberText(json, 'data') ?? '')).toEqual(JSON.parse(JSON.stringify(data)))
      },
    ),
  )
  expect(memberText('{"a":{"data":1}}', 'data')).toBeUndefined()
  expect(memberText('["data",1]', 'data')).toBeUndefined()
  expect(memberText('{}', 'data')).toBeUndefined()
})

test('the text of a member of many megabytes is found', () => {
  const file = 'A\\"'.repeat(20_000_000)

  expect(memberText(`{"code":200,"data":{"Data":"${file}"},"success":true}`, 'data')?.length).toBe(
    file.length + 11,
  )
})

test('an event says whose it is, beside what the webhook carries', () => {
  const user = sampleUser()

  const line = notification({ name: 'Message', payload: { event: { a: '<' }, type: 'Message' } }, user)

  expect(JSON.parse(line)).toEqual({
    jsonrpc: '2.0',
    method: 'Message',
    params: { event: { a: '<' }, type: 'Message', instanceName: user.name, userID: user.id },
  })
})
