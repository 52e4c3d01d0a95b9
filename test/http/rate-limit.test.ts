import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { FailureLimit, sourceOf } from '../../src/http/rate-limit.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { echo, startTiny, tinyDialect } from './tiny.ts'

const endpoints = [echo(z.object({}))]

const guess = (token: string, from = '1.1.1.1') => ({ source: from, fingerprint: token })

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
    const dialect = tinyDialect(endpoints)
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

  test('may try again a minute later', () => {
    let now = 0
    const limit = new FailureLimit(1, () => now)
    limit.failed(guess('a'))

    expect(() => limit.check(guess('b'))).toThrow('too many')
    now = 60_000
    expect(() => limit.check(guess('b'))).not.toThrow()
  })

  test('does not count for others', () => {
    const limit = new FailureLimit(1)
    limit.failed(guess('a', '1.1.1.1'))

    expect(() => limit.check(guess('a', '1.1.1.2'))).not.toThrow()
  })

  test('cannot fill the memory', () => {
    const limit = new FailureLimit(1)
    limit.failed(guess('a', 'first'))
    for (let at = 0; at < 10_000; at++) limit.failed(guess('a', `source ${at}`))

    expect(() => limit.check(guess('a', 'first'))).not.toThrow()
    expect(() => limit.check(guess('a', 'source 9999'))).toThrow()
  })

  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::7', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('%s is counted as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source)
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
