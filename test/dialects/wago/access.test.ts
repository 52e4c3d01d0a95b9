import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wago as dialect } from '../../../src/dialects/wago/index.ts'
import { ADMIN_TOKEN, type TestUser } from '../../helpers/app.ts'
import { failure, refused, success, Wago } from './wago.ts'

// Over all routes the dialect declares, so that a new one is covered as soon as it is there.
const routes = dialect.groups.flatMap(({ security, endpoints }) =>
  endpoints.map(({ method, path, body, needs = 'live' }) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    security,
    needs,
    requires: body !== undefined && !body.safeParse(undefined).success,
  })),
)
const ofSession = routes.filter(({ security }) => security === 'token')
const ofAdmin = routes.filter(({ security }) => security === 'admintoken')

let wago: Wago
let idle: TestUser
let waiting: TestUser
beforeAll(async () => {
  wago = await Wago.start()
  idle = await wago.unlinked()
  waiting = await wago.waiting()
})
afterAll(() => wago.close())

async function ask(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const { status, json } = await wago.request(method, path, { headers, body })
  return [status, json]
}

const sessionRefused = [401, failure(401, 'invalid token')]
const adminRefused = [401, failure(401, 'invalid admin token')]

test('every route has the kind of token that the document names', () => {
  const names = (security: string) =>
    routes.filter((one) => one.security === security).map(({ name }) => name)

  expect(names('none')).toEqual(['GET /server/ok', 'GET /docs'])
  expect(names('admintoken').toSorted()).toEqual([
    'GET /server/update',
    'GET /session/all',
    'POST /server/license',
    'POST /session/delete',
    'POST /session/init',
    'POST /session/scanned',
  ])
  expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length)
})

describe.each(ofSession)('$name', ({ method, path }) => {
  test.each([
    ['no token', path, {}],
    ['an empty token', path, { token: '' }],
    ['a wrong token', path, { token: 'wrong' }],
    ['an empty token in the query', `${path}?token=`, {}],
    ['a wrong token in the query', `${path}?token=wrong`, {}],
    ['the admin token as a token', path, { token: ADMIN_TOKEN }],
    ['the admin token', path, { admintoken: ADMIN_TOKEN }],
    ['the admin token of another dialect', path, { authorization: ADMIN_TOKEN }],
  ] as const)('refuses %s', async (_what, asked, headers) => {
    expect(await ask(method, asked, headers)).toEqual(sessionRefused)
  })
})

test.each(ofSession.filter(({ needs }) => needs === 'live'))(
  '$name says "No session" before it looks at the body',
  async ({ method, path }) => {
    const body = method === 'GET' ? undefined : '{'

    expect(await ask(method, path, { token: idle.token }, body)).toEqual([500, failure(500, 'No session')])
  },
)

describe.each(routes.filter(({ requires }) => requires))('$name', ({ method, path }) => {
  test.each(['{', '', '"text"', '[]', '[{}]', '7', 'true', '{"a":1'])('refuses %j as body', async (body) => {
    const headers = { token: wago.user.token, admintoken: ADMIN_TOKEN }

    expect(await ask(method, path, headers, body)).toEqual(refused('could not decode payload'))
  })
})

describe.each(ofAdmin)('$name', ({ method, path }) => {
  test.each([
    ['no token', {}],
    ['an empty token', { admintoken: '' }],
    ['a wrong token', { admintoken: 'wrong' }],
    ['the admin token as that of a session', { token: ADMIN_TOKEN }],
    ['the admin token in the header of another dialect', { authorization: ADMIN_TOKEN }],
  ] as const)('refuses %s', async (_what, headers) => {
    expect(await ask(method, path, headers)).toEqual(adminRefused)
  })

  test("refuses a session's token, also as the admin's and in the query", async () => {
    const { token } = wago.user

    expect(await ask(method, path, { token })).toEqual(adminRefused)
    expect(await ask(method, path, { token, admintoken: token })).toEqual(adminRefused)
    expect(await ask(method, `${path}?admintoken=${ADMIN_TOKEN}`, { token })).toEqual(adminRefused)
  })
})

test('the token may stand in the query, and the header wins over it', async () => {
  await wago.post('/webhook', { WebhookURL: 'https://example.com/idle' }, idle.token)
  await wago.post('/webhook', { WebhookURL: 'https://example.com/waiting' }, waiting.token)

  const inQuery = await wago.get(`/webhook?token=${idle.token}`, '')
  const inBoth = await wago.get(`/webhook?token=${idle.token}`, waiting.token)

  expect(inQuery.json.data.webhook).toBe('https://example.com/idle')
  expect(inBoth.json.data.webhook).toBe('https://example.com/waiting')
})

test('a wrong token in the header is not made good by a right one in the query', async () => {
  expect(await ask('GET', `/webhook?token=${idle.token}`, { token: 'wrong' })).toEqual(sessionRefused)
})

test.each(['Token', 'TOKEN', 'token'])('the name of the header %s is read in any case', async (name) => {
  expect((await ask('GET', '/webhook', { [name]: idle.token }))[0]).toBe(200)
})

test('the health needs no token', async () => {
  expect(await ask('GET', '/server/ok', {})).toEqual([200, success({ details: 'ok' })])
  expect(await ask('GET', '/server/ok', { token: 'wrong', admintoken: 'wrong' })).toEqual([
    200,
    success({ details: 'ok' }),
  ])
})

test.each([
  ['POST', '/send/text', { Phone: '5511987654321', Body: 'Hi' }],
  ['POST', '/user/name', { Name: 'John' }],
  ['GET', '/group/list', undefined],
  ['POST', '/chat/pin', { Chat: '5511987654321' }],
])('%s %s of a session that no phone has scanned: "not logged in"', async (method, path, body) => {
  expect(await ask(method, path, { token: waiting.token }, body)).toEqual([
    500,
    failure(500, 'not logged in'),
  ])
})

test.each([
  ['GET', '/send/nothing'],
  ['GET', '/send/text'],
  ['PUT', '/webhook'],
  ['POST', '/server/ok'],
  ['GET', '/session/status/'],
  ['GET', '/'],
])('%s %s is nowhere', async (method, path) => {
  expect((await wago.request(method, path, { token: wago.user.token })).status).toBe(404)
})
