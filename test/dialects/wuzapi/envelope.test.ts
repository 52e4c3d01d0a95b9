import { describe, expect, test } from 'vitest'
import { goJson, ok } from '../../../src/dialects/shared/go/envelope.ts'
import { fail } from '../../../src/dialects/wuzapi/envelope.ts'
import { ApiError } from '../../../src/lib/errors.ts'

describe('bodies', () => {
  test('are compact, sorted at every level and end with a line feed', () => {
    const body = goJson(ok({ b: { z: 1, A: 2 }, Id: [{ y: null, x: '' }] }, 200))

    expect(body).toBe('{"code":200,"data":{"Id":[{"x":"","y":null}],"b":{"A":2,"z":1}},"success":true}\n')
  })

  test('escape what a browser could take for markup, and the two line separators', () => {
    expect(goJson({ t: '<a href="x">&\u2028\u2029' })).toBe(
      '{"t":"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029"}\n',
    )
  })

  test('keep other letters as they are', () => {
    expect(goJson({ t: 'Sessão ❤️' })).toBe('{"t":"Sessão ❤️"}\n')
  })
})

describe('failures', () => {
  test('carry status, sentence and success:false', () => {
    const { status, body } = fail(new ApiError('unauthorized'), { profile: 'current' })

    expect(status).toBe(401)
    expect(goJson(body)).toBe('{"code":401,"error":"unauthorized","success":false}\n')
  })

  test('carry details where the admin routes give some', () => {
    const error = new ApiError('not_found', {
      text: 'user not found',
      explanation: 'No user found with ID: 7',
    })

    expect(goJson(fail(error, { profile: 'current' }).body)).toBe(
      '{"code":404,"details":"No user found with ID: 7","error":"user not found","success":false}\n',
    )
  })
})
