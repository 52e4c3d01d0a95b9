import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wsgo as dialect } from '../../../src/dialects/wsgo/index.ts'
import { TestApp } from '../../helpers/app.ts'
import { failure, Wsgo } from './wsgo.ts'

let wsgo: Wsgo

beforeAll(async () => {
  wsgo = await Wsgo.start()
})
afterAll(() => wsgo.close())

const routes = dialect.groups.flatMap(({ security, endpoints }) =>
  endpoints.map(({ method, path }) => ({ security, method: method.toUpperCase(), path })),
)
const guarded = routes.filter(({ security }) => security === 'key').map(({ method, path }) => [method, path])

describe.each(guarded)('%s %s', (method, path) => {
  test.each([
    ['no key', path, {}],
    ['a wrong key', path, { 'X-API-Key': 'wrong' }],
    ['an empty key', `${path}?api_key=`, { 'X-API-Key': '' }],
    ['a wrong key in the query', `${path}?api_key=wrong`, {}],
    ['the header of wuzapi', path, { Token: 'of the user' }],
    ['the admin token', path, { 'X-API-Key': 'test-admin-token' }],
  ])('refuses %s', async (_what, asked, headers) => {
    const { status, json } = await wsgo.request(method, asked, { key: '', headers })

    expect([status, json]).toEqual([401, failure('unauthorized')])
  })
})

test('the key may stand in the query', async () => {
  const { token } = await wsgo.unlinked()
  await wsgo.post('/api/webhook', { url: 'https://example.com/query' }, token)

  const { status, json } = await wsgo.get(`/api/webhook?api_key=${token}`, '')

  expect([status, json]).toEqual([200, { url: 'https://example.com/query' }])
})

test('the header wins over the query, and each key reaches its own user only', async () => {
  const [one, other] = [await wsgo.unlinked(), await wsgo.unlinked()]
  await wsgo.post('/api/webhook', { url: 'https://example.com/one' }, one.token)
  await wsgo.post('/api/webhook', { url: 'https://example.com/other' }, other.token)

  const { json } = await wsgo.get(`/api/webhook?api_key=${other.token}`, one.token)

  expect(json.url).toBe('https://example.com/one')
})

test.each(routes.filter(({ security }) => security === 'none').map(({ path }) => [path]))(
  '%s needs no key',
  async (path) => {
    expect((await wsgo.get(path, '')).status).toBe(200)
  },
)

test('the health is two words', async () => {
  expect((await wsgo.get('/health', '')).text).toBe('{"status":"ok"}')
})

describe('the pages', () => {
  test.each([
    ['/docs', ['docs/style.css', 'docs/api.css', 'docs/theme.js', 'docs/start.js']],
    ['/qr', ['pages/qr.css', 'pages/qr.js']],
  ])('%s loads files of this server only, wherever the dialect is', async (path, files) => {
    const page = await wsgo.get(path, '')

    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
    expect(page.text).not.toMatch(/<script>|https?:|\son\w+=/)
    for (const file of files) {
      expect(page.text).toContain(`"${file}"`)
      expect((await wsgo.get(`/${file}`, '')).status).toBe(200)
    }
  })

  test('the documentation shows the document beside it', async () => {
    expect((await wsgo.get('/docs/start.js', '')).text).toContain('"url":"openapi.json"')
    const { json } = await wsgo.get('/docs/openapi.json', '')
    expect(json.servers).toEqual([{ url: '/wsgo' }])
    expect(Object.keys(json.paths)).toHaveLength(16)
  })

  test('the page of the code holds none: it has to ask with a key', async () => {
    const { id, token } = await wsgo.unlinked()
    const { text } = await wsgo.get('/api/qr', token)

    expect((await wsgo.get('/qr', '')).text).not.toContain(text)
    expect((await wsgo.get(`/qr?api_key=${token}`, '')).text).not.toContain(text)
    expect(wsgo.app.parley.services.sessions.find(id)?.status.qr).toBe(text)
  })
})

test.each([
  ['GET', '/api/nothing'],
  ['GET', '/api/send/text'],
  ['PUT', '/api/webhook'],
  ['GET', '/api/status/'],
])('%s %s is nowhere', async (method, path) => {
  const { status, text } = await wsgo.request(method, path)

  expect([status, text]).toEqual([404, '404 page not found\n'])
})

test('at the root it hides none of the pages, and wuzapi stays at its name', async () => {
  const app = await TestApp.start({ env: { DIALECTS: 'wsgo:/,wuzapi:/old' } })
  const { json } = await app.request('POST', '/wuzapi/admin/users', {
    admin: true,
    body: { name: 'Root', token: 'root-token-123', events: 'All' },
  })
  const key = { 'X-API-Key': 'root-token-123' }
  const shown = async (path: string) => {
    const { status, text, headers } = await app.request('GET', path)
    return [status, headers.get('Content-Type'), /<title>(.*)<\/title>/.exec(text)?.[1]]
  }

  expect(json.success).toBe(true)
  expect((await app.request('GET', '/health')).json).toEqual({ status: 'ok' })
  expect((await app.request('GET', '/api/status', { headers: key })).status).toBe(200)
  expect((await app.request('GET', '/wsgo/api/status', { headers: key })).status).toBe(200)
  expect((await app.request('GET', '/session/status', { token: 'root-token-123' })).status).toBe(404)
  expect((await app.request('GET', '/old/session/status', { token: 'root-token-123' })).status).toBe(200)
  expect((await app.request('GET', '/wuzapi/health')).json.status).toBe('ok')
  expect((await app.request('GET', '/parley/targets', { admin: true })).status).toBe(200)
  expect((await app.request('GET', '/parley.json')).json.network).toBe('sandbox')
  const html = 'text/html; charset=utf-8'
  expect(await shown('/')).toEqual([200, html, 'Parley'])
  const former = await app.request('GET', '/dashboard/')
  expect([former.status, former.headers.get('Location')]).toEqual([302, '../'])
  expect(await shown('/api/')).toEqual([200, html, 'Parley API'])
  expect(await shown('/docs')).toEqual([200, html, 'Parley API'])
  expect(await shown('/qr')).toEqual([200, html, 'Link a phone'])
  expect((await app.request('GET', '/pages/qr.js')).status).toBe(200)
  expect((await app.request('GET', '/qr.js')).status).toBe(200)
  expect((await app.request('GET', '/api/openapi.json')).json.info.title).toContain('wsgo')
  const script = (await app.request('GET', '/api/start.js')).text
  expect(/"url":"([^"]+)"/.exec(script)?.[1]).toBe('../docs/openapi.json')
  expect(script.match(/docs\/openapi\.json/g)?.length).toBe(new Set(script.match(/"name":"[^"]+"/g)).size)
  await app.close()
})
