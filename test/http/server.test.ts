import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { get, post, reply } from '../../src/http/endpoint/endpoint.ts'
import { requiredText } from '../../src/http/endpoint/fields.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { echo, echoed, startTiny, tinyDialect, whoami } from './tiny.ts'

const phoneBody = z.object({ Phone: requiredText('missing Phone in Payload') })
const postTo = (token: string, body: string) => ({ method: 'POST', headers: { Token: token }, body })

describe('the order of checks', () => {
  const send = post('/send', {
    summary: 'Send',
    body: phoneBody,
    run: async (_session, phone: string) => phone,
    input: ({ body }) => body.Phone,
    reply: echoed,
  })

  test('an unknown caller is refused before anything else', async () => {
    const { ask } = await startTiny(tinyDialect([send]))

    const answer = await ask('/send', postTo('nobody', '{'))

    expect(answer).toMatchObject({
      status: 401,
      text: '{"code":401,"error":"unauthorized","success":false}\n',
    })
    expect(answer.headers.get('Request-Id')).toBeNull()
    expect(answer.headers.get('Content-Type')).toBe('application/json')
  })

  test('"no session" comes before a body that cannot be decoded', async () => {
    const { ask } = await startTiny(tinyDialect([send]))

    expect((await ask('/send', postTo('bob', '{'))).text).toContain('"error":"no session"')
    expect((await ask('/send', postTo('ann', '{'))).text).toContain('"error":"could not decode Payload"')
    expect((await ask('/send', postTo('ann', '{}'))).text).toContain('"error":"missing Phone in Payload"')
    expect((await ask('/send', postTo('ann', '{"phone":"1"}'))).text).toBe(
      '{"code":200,"data":"1","success":true}\n',
    )
  })

  test('a refusal of the endpoint itself comes between the two', async () => {
    const busy = echo(phoneBody, {
      before: () => {
        throw new ApiError('conflict', { text: 'busy' })
      },
    })
    const { ask } = await startTiny(tinyDialect([busy]))

    expect((await ask('/echo', postTo('ann', '{'))).text).toContain('"error":"busy"')
  })

  test('path and query are checked before the body is read', async () => {
    const endpoint = post('/users/{id}', {
      summary: 'Change',
      needs: 'stored',
      params: z.object({ id: z.string().regex(/^\d+$/, 'bad id') }),
      query: z.object({ chat: requiredText('missing chat') }),
      body: phoneBody,
      run: async (_scope, words: string[]) => words,
      input: ({ params, query, body }) => [params.id, query.chat, body.Phone],
      reply: echoed,
    })
    const { ask } = await startTiny(tinyDialect([endpoint]))

    expect((await ask('/users/x', postTo('ann', '{'))).text).toContain('bad id')
    expect((await ask('/users/5', postTo('ann', '{'))).text).toContain('missing chat')
    expect((await ask('/users/5?Chat=c', postTo('ann', '{'))).text).toContain('missing chat')
    expect((await ask('/users/5?chat=a+b&chat=c', postTo('ann', '{"Phone":"1"}'))).text).toContain(
      '["5","a b","1"]',
    )
  })

  test('a request that another node answers is not looked into', async () => {
    const forwarded: string[] = []
    const { ask } = await startTiny(tinyDialect([send]), {
      forward: async (principal, request, response) => {
        if (principal.kind !== 'user' || principal.user.id !== 'bob') return false
        for await (const chunk of request) forwarded.push(String(chunk))
        response.end('from elsewhere')
        return true
      },
    })

    expect((await ask('/send', postTo('bob', 'not even JSON'))).text).toBe('from elsewhere')
    expect(forwarded.join('')).toBe('not even JSON')
    expect((await ask('/send', postTo('ann', '{"Phone":"1"}'))).status).toBe(200)
  })
})

describe('callers', () => {
  test('a token is compared as bytes and only its first header counts', async () => {
    const seen: (string | undefined)[] = []
    const dialect = tinyDialect([])
    dialect.groups[1] = {
      tag: 'Public',
      security: 'none',
      authenticate: async (head) => {
        seen.push(head.header('Token'), head.header('absent'))
        return { kind: 'anyone' }
      },
      endpoints: [get('/x', { summary: 'x', needs: 'none', run: async () => 'x', reply: echoed })],
    }
    const { port } = await startTiny(dialect)

    await exchange(
      port,
      'GET /x HTTP/1.1\r\nHost: x\r\ntoken: señal\r\nToken: other\r\nConnection: close\r\n\r\n',
    )

    expect(seen).toEqual(['señal', undefined])
  })

  test('repeated query keys reach the authenticator as a list', async () => {
    const dialect = tinyDialect([])
    dialect.securitySchemes = Object.fromEntries(
      ['token', 'constructor'].map((name) => [
        name,
        { type: 'apiKey', in: 'header', name, 'x-query-parameter': name },
      ]),
    )
    dialect.groups[0] = {
      tag: 'Private',
      security: 'token',
      authenticate: async (head) => {
        throw new ApiError('unauthorized', { text: JSON.stringify(head.query) })
      },
      endpoints: [whoami],
    }
    const { ask } = await startTiny(dialect)

    expect((await ask('/whoami?token=a&token=b&constructor=c')).text).toContain(
      JSON.stringify(JSON.stringify({ token: ['a', 'b'], constructor: 'c' })).slice(1, -1),
    )
  })

  test('a user gets a request id of twenty lower-case characters, others none', async () => {
    const open = get('/open', { summary: 'Open', needs: 'none', run: async () => 'x', reply: echoed })
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)], [open]))

    expect((await ask('/echo', postTo('ann', '{'))).headers.get('Request-Id')).toMatch(/^[0-9a-v]{20}$/)
    expect((await ask('/open')).headers.get('Request-Id')).toBeNull()
  })

  test('nobody but a user reaches a session', async () => {
    const { ask } = await startTiny(tinyDialect([], [whoami]))

    expect((await ask('/whoami')).status).toBe(403)
  })

  test('neither token nor query reaches the log', async () => {
    const lines: string[] = []
    const broken = get('/broken', {
      summary: 'x',
      needs: 'none',
      run: () => Promise.reject(new Error('bug')),
      reply: echoed,
    })
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)], [broken]), {
      onLog: (line) => lines.push(line),
    })

    await ask('/echo?token=SECRET', {
      method: 'POST',
      headers: { Token: 'SECRET', Authorization: 'SECRET', Cookie: 'SECRET' },
    })
    await ask('/unknown?x=%0aSECRET')
    await ask('/broken?token=SECRET', { headers: { Token: 'SECRET', admintoken: 'SECRET' } })
    await expect.poll(() => lines.filter((line) => line.includes('"msg":"request"')).length).toBe(3)

    expect(lines.join('\n')).not.toContain('SECRET')
    expect(lines.join('\n')).toContain('"path":"/broken"')
  })
})

describe('failures', () => {
  const failing = (failure: string | undefined, error: Error) =>
    post('/fail', {
      summary: 'Fail',
      needs: 'stored',
      run: () => Promise.reject(error),
      reply: echoed,
      failure,
    })
  const answerTo = async (endpoint: ReturnType<typeof failing>) => {
    const { ask } = await startTiny(tinyDialect([endpoint]))
    const { status, text } = await ask('/fail', { method: 'POST', headers: { Token: 'ann' } })
    return { status, text }
  }

  test('of the server are put into the words of the endpoint', async () => {
    const refused = new ApiError('upstream_refused', { text: 'costs $& 5' })

    expect(await answerTo(failing('error sending message: %s', refused))).toEqual({
      status: 500,
      text: '{"code":500,"error":"error sending message: costs $& 5","success":false}\n',
    })
  })

  test('of the caller keep their own sentence', async () => {
    const wrongPhone = new ApiError('invalid_jid')

    expect((await answerTo(failing('error sending message: %s', wrongPhone))).text).toContain(
      '"could not parse Phone"',
    )
  })

  test('that are bugs are logged with their stack and answered without details', async () => {
    const lines: string[] = []
    const { ask } = await startTiny(tinyDialect([failing(undefined, new TypeError('secret detail'))]), {
      onLog: (line) => lines.push(line),
    })

    const answer = await ask('/fail', { method: 'POST', headers: { Token: 'ann' } })

    expect(answer).toMatchObject({
      status: 500,
      text: '{"code":500,"error":"internal server error","success":false}\n',
    })
    const logged = lines.map((line) => JSON.parse(line)).find((line) => line.level === 50)
    expect(logged.err.stack).toContain('TypeError: secret detail')
    expect(logged.req.id).toBe(answer.headers.get('Request-Id'))
  })
})

describe('replies', () => {
  const replying = (render: () => unknown, options: Parameters<typeof reply>[2], contentType?: string) =>
    get('/x', {
      summary: 'x',
      needs: 'none',
      run: async () => 0,
      reply: reply(z.unknown(), render, options),
      contentType,
    })
  const answerTo = async (endpoint: ReturnType<typeof replying>) => {
    const { ask } = await startTiny(tinyDialect([], [endpoint]))
    const { status, headers, text } = await ask('/x')
    return { status, contentType: headers.get('Content-Type'), text }
  }

  test('carry the status and content type of their endpoint', async () => {
    expect(await answerTo(replying(() => [1], { status: 201 }, 'application/json; charset=utf-8'))).toEqual({
      status: 201,
      contentType: 'application/json; charset=utf-8',
      text: '{"code":201,"data":[1],"success":true}\n',
    })
  })

  test('may leave the envelope, as JSON, text or bytes', async () => {
    expect((await answerTo(replying(() => ({ a: 1 }), { bare: true }))).text).toBe('{"a":1}\n')
    expect((await answerTo(replying(() => 'plain', { bare: true }, 'text/plain'))).text).toBe('plain')
    expect((await answerTo(replying(() => Buffer.from('bytes'), { bare: true }, 'image/png'))).text).toBe(
      'bytes',
    )
  })

  test('that differ from their documentation fail in tests', async () => {
    const documented = z.object({ Id: z.string() })
    const endpoint = (answer: object) =>
      get('/x', { summary: 'x', needs: 'none', run: async () => 0, reply: reply(documented, () => answer) })

    for (const [answer, status] of [
      [{ Id: 'x' }, 200],
      [{ Id: 5 }, 500],
      [{ Id: 'x', extra: 1 }, 500],
    ] as const) {
      const { ask } = await startTiny(tinyDialect([], [endpoint(answer)]))
      expect((await ask('/x')).status).toBe(status)
    }
  })
})

describe('unknown paths', () => {
  const notFound = { status: 404, text: '404 page not found\n' }

  test.each([
    ['GET', '/nothing'],
    ['GET', '/echo'],
    ['DELETE', '/echo'],
    ['OPTIONS', '/echo'],
    ['OPTIONS', '/api/'],
    ['POST', '/echo/'],
    ['POST', '/Echo'],
    ['GET', '/open/'],
    ['POST', '/api/openapi.json'],
  ])('%s %s is not found, in plain text', async (method, path) => {
    const open = get('/open', { summary: 'Open', needs: 'none', run: async () => 'x', reply: echoed })
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)], [open]))

    const answer = await ask(path, { method })

    expect(answer).toMatchObject(notFound)
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
  })

  test('HEAD is not found where GET is an endpoint', async () => {
    const open = get('/open', { summary: 'Open', needs: 'none', run: async () => 'x', reply: echoed })
    const { ask } = await startTiny(tinyDialect([], [open]))

    expect((await ask('/open', { method: 'HEAD' })).status).toBe(404)
  })

  test('a path that cannot be decoded is a bad request', async () => {
    const user = get('/users/{id}', { summary: 'x', needs: 'none', run: async () => 'x', reply: echoed })
    const { ask } = await startTiny(tinyDialect([], [user]))

    expect(await ask('/users/%E0%A4%A')).toMatchObject({ status: 400, text: 'bad request\n' })
  })

  test('a dialect under a base path does not answer at the root', async () => {
    const { ask } = await startTiny(tinyDialect([echo(phoneBody)]), { base: '/tiny' })

    expect((await ask('/tiny/echo', postTo('ann', '{"Phone":"1"}'))).status).toBe(200)
    expect((await ask('/echo', postTo('ann', '{}'))).status).toBe(404)
    expect((await ask('/tinyecho', postTo('ann', '{}'))).status).toBe(404)
  })
})

describe('pages', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'static-'))
    await mkdir(join(folder, 'public', 'login'), { recursive: true })
    await writeFile(join(folder, 'secret.txt'), 'outside')
    await writeFile(join(folder, 'public', 'index.html'), '<h1>home</h1>')
    await writeFile(join(folder, 'public', 'login', 'index.html'), '<h1>login</h1>')
    await writeFile(join(folder, 'public', '.hidden'), 'hidden')
  })
  afterAll(() => rm(folder, { recursive: true }))
  const start = () => startTiny(tinyDialect([]), { staticDir: join(folder, 'public') })

  test('need no token and may load nothing from elsewhere', async () => {
    const { ask } = await start()

    const page = await ask('/', { headers: {} })

    expect(page).toMatchObject({ status: 200, text: '<h1>home</h1>' })
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
    expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect((await ask('/login/')).text).toBe('<h1>login</h1>')
    expect((await ask('/', { method: 'HEAD' })).status).toBe(200)
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/..\\secret.txt',
    '//secret.txt/../../secret.txt',
    '/login/%2e%2e%2f%2e%2e%2fsecret.txt%00.html',
    '/login/..%5c..%5csecret.txt',
    '/.hidden',
    '/%00',
  ])('%s stays out of reach', async (path) => {
    const { port } = await start()

    const answer = await exchange(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)

    expect(answer).toMatch(/^HTTP\/1.1 40[034]/)
    expect(answer).not.toMatch(/outside|hidden<|root:/)
  })
})

/** Sends bytes as they are and answers with everything that comes back. */
function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
