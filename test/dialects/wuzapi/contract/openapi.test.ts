import { describe, expect, test } from 'vitest'
import { wuzapi } from '../../../../src/dialects/wuzapi/index.ts'
import { openApiDocument } from '../../../../src/http/server/openapi.ts'

/** Routes of the first slice; each must be documented. */
const routes = [
  'GET /admin/users',
  'GET /admin/users/{id}',
  'POST /admin/users',
  'PUT /admin/users/{id}',
  'DELETE /admin/users/{id}',
  'DELETE /admin/users/{id}/full',
  'POST /session/connect',
  'POST /session/disconnect',
  'POST /session/logout',
  'GET /session/status',
  'GET /session/qr',
  'POST /session/pairphone',
  'POST /session/proxy',
  'POST /session/history',
  'POST /session/hmac/config',
  'GET /session/hmac/config',
  'DELETE /session/hmac/config',
  'POST /session/s3/config',
  'GET /session/s3/config',
  'DELETE /session/s3/config',
  'GET /webhook',
  'POST /webhook',
  'PUT /webhook',
  'DELETE /webhook',
  'POST /chat/send/text',
  'POST /chat/presence',
  'POST /chat/markread',
  'POST /chat/react',
  'POST /user/check',
  'POST /user/presence',
  'POST /user/presence/subscribe',
  'GET /health',
]

describe('the documentation', () => {
  const document = openApiDocument(wuzapi, '/')
  // The document is plain JSON; this is the part of its shape that OpenAPI promises.
  const paths = document.paths as Record<string, Record<string, { security: object[]; summary: string }>>
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )

  test.each(routes)('lists %s', (route) => {
    expect(documented).toContain(route)
  })

  test('asks for a token everywhere but on /health', () => {
    const open = Object.entries(paths).flatMap(([path, item]) =>
      Object.values(item).some(({ security }) => security.length === 0) ? [path] : [],
    )

    expect(open).toEqual(['/health'])
  })

  test('can be written as JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toMatchObject({ openapi: '3.1.0' })
  })
})
