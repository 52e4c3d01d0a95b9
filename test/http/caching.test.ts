import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../helpers/app.ts'

let app: TestApp
let user: TestUser
beforeAll(async () => {
  app = await TestApp.start({ env: { ENABLE_WEBSOCKET: 'true' } })
  user = await app.createUser({ name: 'main' })
})
afterAll(() => app.close())

describe('answers that nobody may keep', () => {
  test.each([
    ['200', '/session/status'],
    ['500', '/session/qr'],
    ['200', '/wuzapi/session/status'],
    ['200', '/wsgo/api/status'],
    ['200', '/wsgo/qr'],
    ['200', '/wago-api/session/status/main'],
    ['426', '/wago-api/ws/main'],
    ['200', '/admin/users'],
    ['200', '/health'],
    ['200', '/health/live'],
    ['200', '/metrics'],
    ['200', '/parley.json'],
    ['200', '/sandbox/state'],
    ['404', '/sandbox/nothing'],
    ['404', '/nothing'],
    ['404', '/vendor/uplot/uPlot.cjs.js'],
    ['400', '/%ff'],
  ])('%s %s', async (status, path) => {
    const { token } = user
    const headers = { 'x-api-key': token, ...(path.startsWith('/wago-api') && { 'x-api-key': token }) }

    const answer = await app.request('GET', path, { token, admin: true, headers })

    expect([String(answer.status), answer.headers.get('cache-control')]).toEqual([status, 'no-store'])
  })

  test.each([
    ['/session/status', 'token'],
    ['/wsgo/api/status', 'x-api-key'],
    ['/wago-api/session/getSessions', 'x-api-key'],
    ['/admin/users', 'authorization'],
    ['/metrics', 'authorization'],
    ['/sandbox/state', 'authorization'],
  ])('the refusal of a wrong key at %s', async (path, header) => {
    const { status, headers } = await app.request('GET', path, { headers: { [header]: 'wrong' } })

    expect(status).toBeGreaterThanOrEqual(401)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('the picture of a code', async () => {
    await app.post('/session/connect', user.token, { Immediate: true })
    await app.waitFor('a code', () => app.parley.services.sessions.find(user.id)?.status.qr)

    const picture = await app.request('GET', '/wago-api/session/qr/main/image', {
      headers: { 'x-api-key': user.token },
    })

    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(picture.headers.get('cache-control')).toBe('no-store')
  })
})

describe('what is the same for everybody', () => {
  test.each([
    ['/', 'public, max-age=0'],
    ['/wsgo/pages/qr.js', 'public, max-age=0'],
    ['/api/api.css', 'public, max-age=0'],
    ['/vendor/uplot/uPlot.iife.min.js', 'public, max-age=86400'],
    ['/vendor/uplot/uPlot.min.css', 'public, max-age=86400'],
    ['/api/', null],
    ['/api/openapi.json', null],
  ])('%s keeps what it says of itself', async (path, expected) => {
    const { status, headers } = await app.request('GET', path)

    expect([status, headers.get('cache-control')]).toEqual([200, expected])
  })
})
