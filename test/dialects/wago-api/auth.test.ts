import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wagoApi } from '../../../src/dialects/wago-api/index.ts'
import { ADMIN_TOKEN, TestApp } from '../../helpers/app.ts'
import { API_KEY, BASE, failure, Wago } from './wago.ts'

const WRONG = [403, failure('Invalid API key')]

const endpoints = wagoApi.groups.flatMap(({ security, endpoints }) =>
  endpoints.map(({ method, path }) => ({ security, method: method.toUpperCase(), path })),
)
const guarded = endpoints.filter(({ security }) => security !== 'none')
const ofOneSession = guarded.filter(({ path }) => path.includes('{id}'))
const ofAll = guarded.filter(({ path }) => !path.includes('{id}'))

let wago: Wago
let other: { id: string; token: string }
beforeAll(async () => {
  wago = await Wago.start()
  other = await wago.app.createUser({ name: 'other' })
})
afterAll(() => wago.stop())

/** Calls an endpoint about the session `main`, or another one. */
async function statusAndBody(
  { method, path }: { method: string; path: string },
  key: string,
  session = 'main',
): Promise<unknown[]> {
  const { status, json } = await wago.request(method, path.replace('{id}', session), { key })
  return [status, json]
}

describe.each(guarded)('$method $path', (endpoint) => {
  test('is refused without a key, with a wrong one and with one of another session', async () => {
    const answers = [
      await statusAndBody(endpoint, ''),
      await statusAndBody(endpoint, 'wrong'),
      await statusAndBody(endpoint, other.token),
    ]

    expect(answers).toEqual([WRONG, WRONG, WRONG])
  })
})

describe.each(ofOneSession)('$method $path', (endpoint) => {
  test('tells the token of a session nothing about others, not even whether they exist', async () => {
    expect(await statusAndBody(endpoint, wago.user.token, 'other')).toEqual(WRONG)
    expect(await statusAndBody(endpoint, wago.user.token, 'nobody')).toEqual(WRONG)
  })

  test('is refused for a session id that cannot be one', async () => {
    expect(await statusAndBody(endpoint, API_KEY, 'no%20name')).toEqual([
      422,
      failure('Session should be alphanumerical or -'),
    ])
  })
})

describe.each(ofAll)('$method $path', (endpoint) => {
  test('is refused for the token of a session', async () => {
    expect(await statusAndBody(endpoint, wago.user.token)).toEqual(WRONG)
  })
})

describe('a key', () => {
  test.each([
    ['the key of all sessions', () => API_KEY],
    ['the admin token', () => ADMIN_TOKEN],
    ['the token of the session itself', () => wago.user.token],
  ])('%s opens a session', async (_what, key) => {
    const byName = await wago.get('/session/status/main', key())
    const byId = await wago.get(`/session/status/${wago.user.id}`, key())

    expect([byName.json.success, byId.json.success]).toEqual([true, true])
  })

  test('is not read from the query, nor from headers of other dialects', async () => {
    const answers = await Promise.all([
      wago.request('GET', `/session/status/main?x-api-key=${API_KEY}&token=${wago.user.token}`, { key: '' }),
      wago.request('GET', '/session/status/main', { key: '', headers: { token: wago.user.token } }),
      wago.request('GET', '/session/status/main', { key: '', headers: { authorization: ADMIN_TOKEN } }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
  })

  test('that is wrong too often is not looked at any more', async () => {
    const app = await TestApp.start({ env: { API_KEY, AUTH_FAILURES_PER_MINUTE: '3' } })
    const attempt = (key: string) =>
      app.request('GET', `${BASE}/session/getSessions`, { headers: { 'x-api-key': key } })
    await attempt(API_KEY)

    const guesses = [await attempt('a'), await attempt('b'), await attempt('c'), await attempt('d')]
    const known = await attempt(API_KEY)
    await app.close()

    expect(guesses.map(({ status }) => status)).toEqual([403, 403, 403, 429])
    expect(guesses[3]?.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(known.status).toBe(200)
  })

  test('is needed although none is configured', async () => {
    const app = await TestApp.start()
    const without = await app.request('GET', `${BASE}/session/getSessions`)
    const empty = await app.request('GET', `${BASE}/session/getSessions`, { headers: { 'x-api-key': '' } })
    await app.close()

    expect([without.status, empty.status]).toEqual([403, 403])
  })
})
