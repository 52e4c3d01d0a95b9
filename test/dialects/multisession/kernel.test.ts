import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ADMIN_TOKEN, type Answer, TestApp } from '../../helpers/app.ts'
import { sendRaw } from '../../helpers/raw-request.ts'
import { refusal } from './multisession.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A request whose path goes out as it is written; the fields of `fetch` would be put in order. */
function raw(app: TestApp, path: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const { hostname, port } = new URL(app.url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      let text = ''
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve([response.statusCode ?? 0, JSON.parse(text)]))
    })
      .once('error', reject)
      .end()
  })
}

describe('below its own name', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start()
  })
  afterAll(() => app.close())

  const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    app.request(method, `/multisession${path}`, { headers })

  test('an unknown path is named as its programs know it', async () => {
    const { status, json } = await ask('GET', '/nothing?x=1')

    expect([status, json]).toEqual([404, refusal(404, 'Cannot GET /nothing')])
  })

  test('another method is refused with those there are', async () => {
    const { status, json, headers } = await ask('PUT', '/admin/api-keys/1')

    expect([status, json]).toEqual([405, refusal(405, 'Method Not Allowed')])
    expect(headers.get('allow')).toBe('GET, HEAD, DELETE, PATCH')
  })

  test('HEAD is answered where GET is', async () => {
    expect((await ask('HEAD', '/')).status).toBe(200)
    expect((await ask('HEAD', '/devices/token')).status).toBe(405)
  })

  test('the icon that browsers ask for is none', async () => {
    expect((await ask('GET', '/favicon.ico')).status).toBe(204)
  })

  test.each(['/admin/stats/', '/ADMIN/Stats', '/admin/STATS/'])('%s is the same path', async (path) => {
    expect((await ask('GET', path, { 'X-Admin-Secret': ADMIN_TOKEN })).status).toBe(200)
  })

  test('a double slash is another path', async () => {
    const [status] = await raw(app, '/multisession//admin/stats', { 'X-Admin-Secret': ADMIN_TOKEN })

    expect(status).toBe(404)
  })

  test('a request id is a UUID unless the caller has one', async () => {
    expect((await ask('GET', '/')).headers.get('x-request-id')).toMatch(UUID)
    expect((await ask('GET', '/', { 'X-Request-ID': 'mine-1' })).headers.get('x-request-id')).toBe('mine-1')
    expect((await ask('GET', '/', { 'X-Request-ID': 'two words' })).headers.get('x-request-id')).toMatch(UUID)
    expect((await ask('GET', '/nothing')).headers.get('x-request-id')).toMatch(UUID)
  })

  test('of several request ids none counts', async () => {
    const lines = 'GET /multisession/devices/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
    const ids = 'X-Request-ID: one\r\nX-Request-ID: two\r\n'
    const answer = await sendRaw(Number(new URL(app.url).port), `${lines}${ids}\r\n`)

    expect(answer).toContain('HTTP/1.1 401')
    expect(/x-request-id: (\S+)/i.exec(answer)?.[1]).toMatch(UUID)
  })

  test.each(['/chats/%zz/messages', '/webhooks/%ff', '/%zz'])(
    '%s cannot be decoded, which is a bad request',
    async (path) => {
      expect(await raw(app, `/multisession${path}`)).toEqual([400, refusal(400, 'Bad Request')])
    },
  )

  test('long headers are refused', async () => {
    const { status, json } = await ask('GET', '/', { 'X-Long': 'x'.repeat(9_000) })

    expect([status, json]).toEqual([431, refusal(431, 'Request Header Fields Too Large')])
    expect(
      (await app.request('GET', '/wago/server/ok', { headers: { 'X-Long': 'x'.repeat(9_000) } })).status,
    ).toBe(200)
  })

  test('a body that says it is too large is refused before anybody is asked who it is', async () => {
    const { status, json } = await app.request('POST', '/multisession/devices', {
      body: new Uint8Array(8 * 1024 * 1024 + 1),
    })

    expect([status, json]).toEqual([413, refusal(413, 'Request Entity Too Large')])
  })

  test('what is long is compressed for whoever takes that', async () => {
    const headers = { 'X-Admin-Secret': ADMIN_TOKEN, 'Accept-Encoding': 'gzip' }
    const body = JSON.stringify({
      customer_name: 'x'.repeat(100),
      customer_email: 'x@example.com',
      customer_phone: '1',
      max_devices: 1,
      rate_limit_per_hour: 1,
    })
    for (let customer = 0; customer < 6; customer++)
      await app.request('POST', '/multisession/admin/api-keys', {
        headers: { ...headers, 'Content-Type': 'application/json' },
        body,
      })
    const encoding = async (path: string) => (await ask('GET', path, headers)).headers.get('content-encoding')

    expect(await encoding('/admin/api-keys')).toBe('gzip')
    expect(await encoding('/')).toBeNull()
  })

  test('the document is there as JSON, as YAML and as a page', async () => {
    const json = await ask('GET', '/docs/swagger.json')
    const yaml = await ask('GET', '/docs/swagger.yaml')
    const page = await ask('GET', '/docs/index.html')
    const folder = await ask('GET', '/docs')

    expect(Object.keys(json.json.paths)).toEqual(
      expect.arrayContaining(['/admin/stats', '/docs/swagger.json', '/docs/swagger.yaml']),
    )
    expect(parse(yaml.text)).toEqual(json.json)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect([folder.status, folder.headers.get('location')]).toEqual([301, '/multisession/docs/index.html'])
    expect((await ask('GET', '/docs/page/start.js')).text).toContain('"url":"../swagger.json"')
  })
})

describe('at the root with a prefix', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await TestApp.start({
      env: {
        DIALECTS: 'multisession:/',
        HTTP_BASE_URL: '/api/v1/',
        HTTP_CORS_ORIGIN: 'https://app.example.com, https://other.example.com',
        HTTP_BODY_LIMIT_SIZE: '10K',
      },
    })
  })
  afterAll(() => app.close())

  test('the prefix answers, with a slash and without', async () => {
    for (const path of ['/api/v1', '/api/v1/', '/multisession'])
      expect((await app.request('GET', path)).json.message).toBe('Working great!')
  })

  test('everything else is unknown, in the words of the dialect', async () => {
    const { status, json } = await app.request('GET', '/devices/me')

    expect([status, json]).toEqual([404, refusal(404, 'Cannot GET /devices/me')])
  })

  test('only the named origins are let in', async () => {
    const allowed = async (origin: string) =>
      (await app.request('GET', '/api/v1', { headers: { Origin: origin } })).headers.get(
        'access-control-allow-origin',
      )

    expect(await allowed('https://other.example.com')).toBe('https://other.example.com')
    expect(await allowed('https://evil.example.org')).toBeNull()
    expect(await allowed('https://app.example.com.evil.org')).toBeNull()
  })

  test('a preflight is answered without a body', async () => {
    const { status, headers, text } = await app.request('OPTIONS', '/api/v1/devices/me', {
      headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' },
    })

    expect([status, text]).toEqual([204, ''])
    expect(headers.get('access-control-allow-methods')).toBe('GET,POST,PUT,PATCH,DELETE')
    expect(headers.get('vary')).toBe('Access-Control-Request-Method, Access-Control-Request-Headers, Origin')
  })

  test('the limit of bodies is the one that is set', async () => {
    const { status } = await app.request('POST', '/api/v1/devices/token', { body: 'x'.repeat(11_000) })

    expect(status).toBe(413)
  })
})
