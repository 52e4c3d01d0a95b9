import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Dialect } from '../../src/http/endpoint/dialect.ts'
import { get } from '../../src/http/endpoint/endpoint.ts'
import { type Attempt, LoginThrottle } from '../../src/http/guard/login-throttle.ts'
import { sourceOf } from '../../src/http/guard/source-address.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { sampleUser } from '../helpers/users.ts'
import { echo, echoed, startTiny, tinyDialect } from './tiny.ts'

const endpoints = [echo(z.object({}))]

// These attempts have fingerprints of their own.
const nowhere = { headers: [], parameters: [] }

/** A dialect that takes tokens wherever any dialect does. */
function lookingEverywhere(): Dialect {
  const header = (name: string, parameter?: string) =>
    ({ type: 'apiKey', in: 'header', name, 'x-query-parameter': parameter }) as const
  return {
    ...tinyDialect(endpoints),
    securitySchemes: {
      token: header('Token', 'token'),
      admin: header('Authorization'),
      formerAdmin: header('AdminToken'),
      key: header('X-Api-Key', 'api_key'),
    },
  }
}

const guess = (token: string, from = '1.1.1.1') => ({ source: from, fingerprint: token })

async function fail(limit: LoginThrottle, attempt: Attempt): Promise<void> {
  const leave = await limit.enter(attempt)
  leave('refused')
}

describe('a source of wrong tokens', () => {
  test('is refused unheard after too many, and told when to come back', async () => {
    const { ask } = await startTiny(tinyDialect(endpoints), { authFailuresPerMinute: 3 })
    const withToken = (Token: string) => ask('/echo', { method: 'POST', headers: { Token } })

    const early = [await withToken('a'), await withToken('b'), await withToken('c')]
    const late = await withToken('ann')

    expect(early.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(late.status).toBe(429)
    expect(late.text).toContain('too many requests')
    expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(50)
  })

  test('does not hinder callers that were accepted from there before', async () => {
    const { ask } = await startTiny(tinyDialect(endpoints), { authFailuresPerMinute: 2 })

    expect((await ask('/echo', { method: 'POST', body: '{}' })).status).toBe(200)
    for (const Token of ['a', 'b', 'c']) await ask('/echo', { method: 'POST', headers: { Token } })

    expect((await ask('/echo', { method: 'POST', body: '{}' })).status).toBe(200)
    expect((await ask('/echo', { method: 'POST', headers: { Token: 'd' } })).status).toBe(429)
  })

  test.each<[string, (guessed: string) => { path?: string; headers?: Record<string, string> }]>([
    ['X-Api-Key', (guessed) => ({ headers: { 'X-Api-Key': guessed } })],
    ['AdminToken', (guessed) => ({ headers: { AdminToken: guessed } })],
    ['Authorization', (guessed) => ({ headers: { Authorization: guessed } })],
    [
      'Sec-WebSocket-Protocol',
      (guessed) => ({ headers: { 'Sec-WebSocket-Protocol': `events, ${guessed}` } }),
    ],
    ['token', (guessed) => ({ path: `/echo?token=${guessed}` })],
    ['api_key', (guessed) => ({ path: `/echo?api_key=${guessed}` })],
  ])('cannot hide behind an accepted caller with what it offers as %s', async (_place, offered) => {
    // Accepts nobody but the caller that offers `known` wherever a dialect looks for it.
    const dialect = lookingEverywhere()
    for (const group of dialect.groups)
      group.authenticate = async ({ header, query }) => {
        const places = ['x-api-key', 'admintoken', 'authorization', 'sec-websocket-protocol'].map(header)
        if ([...places, query.token, query.api_key].some((value) => value?.includes('known')))
          return { kind: 'anyone' }
        throw new ApiError('unauthorized')
      }
    const { ask } = await startTiny(dialect, { authFailuresPerMinute: 2 })
    const attempt = async (guessed: string) => {
      const { path = '/echo', headers } = offered(guessed)
      return (await ask(path, { method: 'POST', body: '{}', headers })).status
    }

    const statuses = [await attempt('known'), await attempt('a'), await attempt('b'), await attempt('c')]

    expect(statuses.slice(1)).toEqual([401, 401, 429])
    expect(await attempt('known')).toBe(statuses[0])
  })

  test('has nowhere else to show a token: no authenticator sees what its dialect does not declare', async () => {
    const dialect = tinyDialect(endpoints)
    for (const group of dialect.groups)
      group.authenticate = async ({ header, query }) => {
        if (header('x-secret') || query.secret) return { kind: 'anyone' }
        throw new ApiError('unauthorized')
      }
    const { ask } = await startTiny(dialect)

    const asked = { method: 'POST', body: '{}', headers: { 'X-Secret': 'right' } }
    expect((await ask('/echo?secret=right', asked)).status).toBe(401)
  })

  test.each([
    ['an absolute target', (token: string) => `http://localhost/echo?token=${token}`],
    ['a target with a fragment', (token: string) => `/echo#?token=${token}`],
    ['an absolute target with a fragment', (token: string) => `http://localhost/echo#?token=${token}`],
    ['an absolute target without a path', (token: string) => `http://localhost?/echo&token=${token}`],
  ])('cannot hide what it offers in %s', async (_what, target) => {
    const dialect = lookingEverywhere()
    const looks: unknown[] = []
    for (const group of dialect.groups)
      group.authenticate = async ({ query }) => {
        looks.push(query.token)
        if (query.token === 'known') return { kind: 'anyone' }
        throw new ApiError('unauthorized')
      }
    const { port } = await startTiny(dialect, { authFailuresPerMinute: 2 })
    const attempt = (token: string) =>
      sendRaw(port, `POST ${target(token)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    await attempt('known')

    for (let at = 0; at < 10; at++) await attempt(`guess-${at}`)

    expect(looks.filter((token) => token !== 'known').length).toBeLessThanOrEqual(2)
  })

  test('may try again a minute later', async () => {
    let now = 0
    const limit = new LoginThrottle(1, nowhere, () => now)
    await fail(limit, guess('a'))

    await expect(limit.enter(guess('b'))).rejects.toThrow('too many')
    now = 60_000
    await expect(limit.enter(guess('b'))).resolves.toBeTypeOf('function')
  })

  test('does not come back sooner because somebody sets the clock of the machine', async () => {
    const limit = new LoginThrottle(1, nowhere)
    await fail(limit, guess('a'))
    const wallClock = Date.now
    Date.now = () => wallClock() + 3_600_000

    const again = limit.enter(guess('b'))

    await expect(again).rejects.toThrow('too many')
    Date.now = wallClock
  })

  test('does not count for others', async () => {
    const limit = new LoginThrottle(1, nowhere)
    await fail(limit, guess('a', '1.1.1.1'))

    await expect(limit.enter(guess('a', '1.1.1.2'))).resolves.toBeTypeOf('function')
  })

  test('cannot fill the memory', async () => {
    const limit = new LoginThrottle(1, nowhere)
    await fail(limit, guess('a', 'first'))
    for (let at = 0; at < 10_000; at++) await fail(limit, guess('a', `source ${at}`))

    await expect(limit.enter(guess('a', 'first'))).resolves.toBeTypeOf('function')
    await expect(limit.enter(guess('a', 'source 9999'))).rejects.toThrow()
  })

  test('is not forgotten because many others ask who are right', async () => {
    const limit = new LoginThrottle(1, nowhere)
    await fail(limit, guess('a', 'first'))
    for (let at = 0; at < 10_000; at++) (await limit.enter(guess('a', `source ${at}`)))('accepted')

    await expect(limit.enter(guess('b', 'first'))).rejects.toThrow('too many')
  })

  test('does not make its guesses known as right by asking what is open to everybody', async () => {
    const dialect = tinyDialect(endpoints, [
      get('/open', { summary: '', needs: 'none', run: () => 'hi', reply: echoed }),
    ])
    const { ask } = await startTiny(dialect, { authFailuresPerMinute: 1 })
    const headers = { Token: 'guess' }
    await ask('/open', { headers })
    await ask('/echo', { method: 'POST', headers: { Token: 'wrong' } })

    expect((await ask('/echo', { method: 'POST', headers })).status).toBe(429)
    expect((await ask('/open', { headers })).status).toBe(200)
  })

  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::7', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0:0:0:0:0:FFFF:1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:50123', '1.2.3.4'],
    ['[2001:db8:1:2::7]:50123', '2001:db8:1:2'],
    ['[2001:db8:1:2::7]', '2001:db8:1:2'],
    ['not an address', 'not an address'],
    ['', ''],
  ])('%s is counted as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source)
  })
})

describe('attempts at the same time', () => {
  /** A server that looks at no credentials before `count` requests have come, and tells how many it has looked at. */
  async function startBurst(authFailuresPerMinute: number, isRight: (token: string) => boolean) {
    let arrived = 0
    let looks = 0
    let expected = 0
    let allAreHere = () => {}
    const everybody = new Promise<void>((resolve) => {
      allAreHere = resolve
    })
    const dialect = tinyDialect(endpoints)
    // Asked for each request before anything else.
    dialect.profile = () => {
      arrived += 1
      if (arrived === expected) allAreHere()
      return 'only'
    }
    for (const group of dialect.groups)
      group.authenticate = async ({ header }) => {
        looks += 1
        await everybody
        if (!isRight(header('Token') ?? '')) throw new ApiError('unauthorized')
        return { kind: 'user', user: sampleUser({ id: 'ann' }), power: 'full' }
      }
    const { ask } = await startTiny(dialect, { authFailuresPerMinute })
    return {
      async askAll(tokens: string[]) {
        expected = arrived + tokens.length
        const one = async (Token: string) =>
          (await ask('/echo', { method: 'POST', body: '{}', headers: { Token } })).status
        return counted(await Promise.all(tokens.map(one)))
      },
      looks: () => looks,
    }
  }

  const several = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name} ${at}`)

  function counted(statuses: number[]): Record<number, number> {
    const counts: Record<number, number> = {}
    for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  test('are no more guesses than one after the other', async () => {
    const { askAll, looks } = await startBurst(20, () => false)

    expect(await askAll(several('guess', 200))).toEqual({ 401: 20, 429: 180 })
    expect(looks()).toBe(20)
  })

  test.each([
    ['by one caller', () => Array<string>(200).fill('right')],
    ['by as many callers', () => several('right', 200)],
  ])('all pass with the right credentials: %s', async (_by, tokens) => {
    const { askAll } = await startBurst(5, () => true)

    expect(await askAll(tokens())).toEqual({ 200: 200 })
  })

  test('pass with right credentials beside wrong ones that are too few for the limit', async () => {
    const { askAll } = await startBurst(5, (token) => token.startsWith('right'))

    const statuses = await askAll([...several('guess', 4), ...several('right', 100)])

    expect(statuses).toEqual({ 200: 100, 401: 4 })
  })

  test('of which 800 come in one moment are looked at as far as they may fail, and pass when they are right', async () => {
    const limit = new LoginThrottle(20, nowhere)
    const guesses = await Promise.allSettled(several('guess', 800).map((one) => fail(limit, guess(one))))
    const right = await Promise.all(
      several('right', 800).map(async (one) => (await limit.enter(guess(one, '1.1.1.2')))('accepted')),
    )

    expect(guesses.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    expect(right).toHaveLength(800)
  })

  test('give their places back when nothing could be found out', async () => {
    const limit = new LoginThrottle(1, nowhere)
    const leave = await limit.enter(guess('a'))
    const next = limit.enter(guess('b'))

    leave('neither')

    await expect(next).resolves.toBeTypeOf('function')
  })
})

describe('X-Forwarded-For', () => {
  const attempts = async (trustProxy: string[]) => {
    const { ask } = await startTiny(tinyDialect(endpoints), { authFailuresPerMinute: 1, trustProxy })
    const from = (address: string) =>
      ask('/echo', { method: 'POST', headers: { Token: 'wrong', 'X-Forwarded-For': address } })
    return [(await from('1.1.1.1')).status, (await from('2.2.2.2')).status, (await from('1.1.1.1')).status]
  }

  test('of anybody is not believed: it would make a new source of every request', async () => {
    expect(await attempts([])).toEqual([401, 429, 429])
  })

  test('of a trusted proxy names the source', async () => {
    expect(await attempts(['127.0.0.0/8'])).toEqual([401, 401, 429])
  })
})
