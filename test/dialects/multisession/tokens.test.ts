import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JWT_KEY, Multisession, refusal, type TestCustomer, type TestDevice } from './multisession.ts'
import { signedToken } from './replay/stage.ts'

let server: Multisession
let customer: TestCustomer
let device: TestDevice
beforeAll(async () => {
  server = await Multisession.start()
  customer = await server.customer()
  device = await server.newDevice(customer)
})
afterAll(() => server.close())

const now = Math.floor(Date.now() / 1000)
const INVALID = 'Invalid or expired token'

function claims(): Record<string, unknown> {
  const { deviceId } = device
  return { device_id: deviceId, api_key_id: customer.id, version: 1, sub: deviceId, nbf: now, iat: now }
}

async function ask(token: string): Promise<[number, string]> {
  const { status, json } = await server.device('GET', '/devices/me', token)
  return [status, json?.message]
}

test('a token with the right key and claims is taken', async () => {
  expect(await ask(signedToken(claims(), JWT_KEY))).toEqual([200, 'Success get device details'])
})

describe('a token is refused', () => {
  test.each<[what: string, change: object, sentence: string]>([
    ['that has expired', { exp: now - 1 }, INVALID],
    ['that does not count yet', { nbf: now + 600 }, INVALID],
    ['whose expiry is a text', { exp: 'never' }, INVALID],
    ['whose beginning is a text', { nbf: 'now' }, INVALID],
    ['of another device', { device_id: randomUUID() }, 'Device not found'],
    ['without a device', { device_id: undefined }, 'Device not found'],
    ['whose device is a number', { device_id: 7 }, 'Device not found'],
    ['whose device is a list', { device_id: [randomUUID()] }, 'Device not found'],
    ['whose device is an object', { device_id: { $ne: null } }, 'Device not found'],
    ['whose device would match anything', { device_id: '%' }, 'Device not found'],
    ['of a version to come', { version: 2 }, 'Token has been revoked. Please regenerate a new token.'],
    ['whose version is a text', { version: '1' }, 'Token has been revoked. Please regenerate a new token.'],
    ['without a version', { version: undefined }, 'Token has been revoked. Please regenerate a new token.'],
    [
      'whose version is no whole number',
      { version: 1.5 },
      'Token has been revoked. Please regenerate a new token.',
    ],
    ['with claims as long as a book', { more: 'x'.repeat(5_000) }, INVALID],
  ])('%s', async (_what, change, sentence) => {
    expect(await ask(signedToken({ ...claims(), ...change }, JWT_KEY))).toEqual([401, sentence])
  })

  test.each<[what: string, make: () => string]>([
    [
      'signed with another key',
      () => signedToken(claims(), 'another key that is as long as ours is, at least'),
    ],
    ['that says it needs no signature', () => signedToken(claims(), '')],
    ['without its signature', () => signedToken(claims(), JWT_KEY).replace(/[^.]*$/, '')],
    ['with half its signature', () => signedToken(claims(), JWT_KEY).slice(0, -20)],
    [
      'whose claims were changed',
      () => {
        const [head, , signature] = signedToken(claims(), JWT_KEY).split('.')
        return `${head}.${Buffer.from('{"version":1}').toString('base64url')}.${signature}`
      },
    ],
    ['of two parts', () => 'abc.def'],
    ['of five parts', () => 'a.b.c.d.e'],
    ['of dots', () => '...'],
    ['whose head is no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.abc`],
    ['whose claims are a list', () => signedToken([], JWT_KEY)],
    ['of other characters', () => 'äöü.äöü.äöü'],
    ['that is a number', () => '0'],
  ])('%s', async (_what, make) => {
    expect(await ask(encodeURI(make()))).toEqual([401, INVALID])
  })

  test('of junk, whatever it is made of', async () => {
    const alphabet = 'abcXYZ019-_.=+/ \t{}"'
    for (let round = 0; round < 60; round++) {
      const length = Math.floor(Math.random() * 200) + 1
      const junk = Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join(
        '',
      )
      const { status } = await server.device('GET', '/devices/me', junk.trim() || 'x')

      expect(status).toBe(401)
    }
  })
})

describe('a key is refused', () => {
  test.each([
    ['that is unknown', `wam_${'0'.repeat(28)}`],
    ['that is too long', `wam_${'a'.repeat(4_000)}`],
    ['that would match anything', '%'],
    ['that is a word of every object', 'constructor'],
    ['with a quote', "wam_' or '1'='1"],
  ])('%s', async (_what, key) => {
    const { status, json } = await server.create({ id: 0, key })

    expect([status, json]).toEqual([401, refusal(401, 'Invalid API key')])
  })

  test('that is right but for its case or a blank', async () => {
    for (const key of [customer.key.toUpperCase(), `${customer.key}x`, customer.key.slice(0, -1)]) {
      const { status } = await server.create({ id: 0, key })

      expect(status).toBe(401)
    }
  })
})

test('a new token ends the one before', async () => {
  const other = await server.newDevice(customer)
  const { json } = await server.request('POST', '/devices/token', {
    body: { device_id: other.deviceId, device_secret: other.secret },
  })

  expect(await ask(other.token)).toEqual([401, 'Token has been revoked. Please regenerate a new token.'])
  expect(await ask(json.data.token)).toEqual([200, 'Success get device details'])
})

test('a customer that is switched off, and its devices, are refused at once, and taken again', async () => {
  const passing = await server.customer()
  const { deviceId, secret, token } = await server.newDevice(passing)
  const renewal = { body: { device_id: deviceId, device_secret: secret } }
  await server.admin('PATCH', `/admin/api-keys/${passing.id}`, { is_active: false })

  expect((await ask(token))[0]).toBe(401)
  expect((await server.create(passing)).json.message).toBe('API key is inactive')
  expect((await server.request('POST', '/devices/token', renewal)).json).toEqual(
    refusal(401, 'API key is inactive'),
  )

  await server.admin('PATCH', `/admin/api-keys/${passing.id}`, { is_active: true })
  expect((await ask(token))[0]).toBe(200)
})

test('a customer that is deleted takes its devices along', async () => {
  const passing = await server.customer()
  const { token } = await server.newDevice(passing)
  await server.admin('DELETE', `/admin/api-keys/${passing.id}`)

  expect(await ask(token)).toEqual([401, 'Device not found'])
  expect((await server.create(passing)).json.message).toBe('Invalid API key')
})

test('a device that is deleted is refused at once', async () => {
  const passing = await server.newDevice(customer)
  await server.admin('DELETE', `/admin/devices/${passing.deviceId}`)

  expect(await ask(passing.token)).toEqual([401, 'Device not found'])
})
