import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wuzapi } from '../../../../src/dialects/wuzapi/index.ts'
import { failure, Target } from './target.ts'

const endpoints = wuzapi.groups.flatMap(({ security, endpoints }) =>
  endpoints
    .filter(({ profile }) => profile !== 'reference')
    .map(({ method, path, needs, body, before, undecodable }) => ({
      method: method.toUpperCase(),
      path: path.replace('{id}', 'nobody'),
      security,
      needs: needs ?? 'live',
      readsBody: body !== undefined && before === undefined,
      // Where an endpoint has a sentence of its own for it.
      undecodable: undecodable ?? expect.stringMatching(/^could not decode [Pp]ayload$/),
    })),
)
const behindToken = endpoints.filter(({ security }) => security === 'token')
const behindAdmin = endpoints.filter(({ security }) => security === 'admin')

let target: Target
beforeAll(async () => {
  target = await Target.start('current')
})
afterAll(() => target.stop())

describe.each(behindToken)('$method $path', ({ method, path }) => {
  test('is refused without a token, before the body is looked at', async () => {
    const { status, json } = await target.call(method, path, { ...(method !== 'GET' && { body: '{{{' }) })

    expect([status, json]).toEqual([401, failure(401, 'unauthorized')])
  })

  test('is refused with an unknown, an empty and the admin token', async () => {
    const answers = await Promise.all([
      target.call(method, path, { token: 'unknown' }),
      target.call(method, path, { token: '' }),
      target.call(method, path, { admin: true }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
  })
})

describe.each(behindAdmin)('$method $path', ({ method, path }) => {
  test('is refused without the admin token, with a prefix before it, and with a user token', async () => {
    const { token } = await target.createUser()
    const answers = await Promise.all([
      target.call(method, path),
      target.call(method, path, { headers: { Authorization: 'Bearer test-admin-token' } }),
      target.call(method, path, { token }),
      target.call(method, path, { headers: { Authorization: token } }),
    ])

    expect(answers.map(({ status, json }) => [status, json])).toEqual(
      answers.map(() => [401, failure(401, 'unauthorized')]),
    )
  })
})

describe.each(endpoints.filter(({ needs }) => needs === 'live'))('$method $path', ({ method, path }) => {
  test('answers "no session" before looking at the body', async () => {
    const { token } = await target.createUser()

    const { status, json } = await target.call(method, path, {
      token,
      ...(method !== 'GET' && { body: '{{{' }),
    })

    expect([status, json]).toEqual([500, failure(500, 'no session')])
  })
})

describe.each(behindToken.filter(({ needs, readsBody }) => needs === 'stored' && readsBody))(
  '$method $path',
  ({ method, path, undecodable }) => {
    test.each(['', '{', '[]', '"text"', '7'])('cannot decode %j', async (body) => {
      const { token } = await target.createUser()

      const { status, json } = await target.call(method, path, { token, body })

      expect([status, json]).toEqual([400, { ...failure(400, ''), error: undecodable }])
    })
  },
)

describe('a token', () => {
  test('may come as query parameter, whose repetitions are joined', async () => {
    const { id, token } = await target.createUser()
    const [head, tail] = [token.slice(0, 8), token.slice(8)]

    const whole = await target.call('GET', `/session/status?token=${token}`)
    const parts = await target.call('GET', `/session/status?token=${head}&token=${tail}`)

    expect([whole.json.data.id, parts.json.data.id]).toEqual([id, id])
  })

  test('in the header wins over the query', async () => {
    const { id, token } = await target.createUser()

    const { json } = await target.call('GET', '/session/status?token=unknown', { token })

    expect(json.data.id).toBe(id)
  })

  test('reaches its own user only', async () => {
    const ann = await target.createUser({ name: 'Ann', webhook: 'https://ann.example/' })
    const bob = await target.createUser({ name: 'Bob' })

    const seen = await target.call('GET', '/webhook', { token: bob.token, body: undefined })
    await target.call('DELETE', `/webhook?id=${ann.id}`, { token: bob.token })
    const kept = await target.call('GET', '/webhook', { token: ann.token })

    expect([seen.json.data.webhook, kept.json.data.webhook]).toEqual(['', 'https://ann.example/'])
  })

  test('of a user without one matches nobody', async () => {
    await target.admin('POST', '', { name: 'Tokenless' })

    const { status } = await target.call('GET', '/session/status')

    expect(status).toBe(401)
  })
})

describe('other paths', () => {
  test.each([
    ['GET', '/user/avatar'],
    ['POST', '/chat/send/template'],
    ['POST', '/health'],
    ['GET', '/webhook/'],
    ['HEAD', '/session/status'],
    ['OPTIONS', '/session/status'],
  ])('%s %s is a plain 404 that asks for no token', async (method, path) => {
    const { status, text, headers } = await target.call(method, path)

    expect(status).toBe(404)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    expect(text).toBe(method === 'HEAD' ? '' : '404 page not found\n')
  })

  test('answers carry a request id once the token is accepted', async () => {
    const { token } = await target.createUser()

    const accepted = await target.call('GET', '/session/status', { token })
    const refused = await target.call('GET', '/session/status')

    expect(accepted.headers.get('request-id')).toMatch(/^[a-z0-9]{20}$/)
    expect(refused.headers.get('request-id')).toBeNull()
  })
})

test('/health shows the state in numbers, in the original order', async () => {
  const { status, text, headers, json } = await target.call('GET', '/health')

  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/json')
  expect(Object.keys(json)).toEqual([
    'status',
    'timestamp',
    'uptime',
    'active_connections',
    'total_users',
    'connected_users',
    'logged_in_users',
    'memory_stats',
    'goroutines',
    'version',
  ])
  expect(json.status).toBe('ok')
  expect(json.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  expect(text.endsWith('}\n')).toBe(true)
})
