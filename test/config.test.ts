import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, configTable, loadConfig } from '../src/config/config.ts'

describe('loadConfig', () => {
  test('an empty environment gives the defaults', () => {
    const config = loadConfig({})

    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      dataDir: './data',
      whatsappNetwork: 'live',
      webhookFormat: 'form',
      wuzapiProfile: 'reference',
      timeZone: 'UTC',
    })
    expect(config.databaseUrl).toBeUndefined()
    expect(config.adminToken).toBeUndefined()
  })

  test("wuzapi's names are understood, and our own win over them", () => {
    expect(loadConfig({ WUZAPI_PORT: '9000', WUZAPI_ADMIN_TOKEN: 'a' })).toMatchObject({
      port: 9000,
      adminToken: 'a',
    })
    expect(loadConfig({ WUZAPI_PORT: '9000', PORT: '9001' }).port).toBe(9001)
  })

  test('an empty variable counts as absent', () => {
    expect(loadConfig({ PORT: '', WUZAPI_PORT: ' ', WUZAPI_ADMIN_TOKEN: '' })).toMatchObject({
      port: 8080,
      adminToken: undefined,
    })
  })

  test('PostgreSQL is used when all five DB_ variables are there, not with four', () => {
    const four = { DB_HOST: 'db', DB_USER: 'me', DB_PASSWORD: 'p@ss/w:rd', DB_NAME: 'wuzapi' }

    expect(loadConfig(four).databaseUrl).toBeUndefined()
    expect(loadConfig({ ...four, DB_PORT: '5432' }).databaseUrl).toBe(
      'postgres://me:p%40ss%2Fw%3Ard@db:5432/wuzapi?sslmode=disable',
    )
    expect(loadConfig({ ...four, DB_PORT: '5432', DB_SSLMODE: 'true' }).databaseUrl).toContain(
      'sslmode=no-verify',
    )
  })

  test('workers are counted, or one per core, and need a database they can share', () => {
    const database = { DATABASE_URL: 'postgres://me@db/parley' }

    expect(loadConfig({ ...database, WORKERS: '3' }).workers).toBe(3)
    expect(loadConfig({ ...database, WORKERS: 'auto' }).workers).toBeGreaterThan(0)
    expect(() => loadConfig({ WORKERS: '2' })).toThrow('set DATABASE_URL, or WORKERS=1 for SQLite')
  })

  test.each([
    ['WORKERS', '0'],
    ['NODE_ID', 'a node'],
    ['NODE_ADDRESS', '10.0.0.5:8081'],
    ['NODE_ADDRESS', 'http://10.0.0.5:8081/path'],
    ['PORT', 'many'],
    ['PORT', '70000'],
    ['WEBHOOK_RETRY_COUNT', '1.5'],
    ['WEBHOOK_RETRY_ENABLED', 'perhaps'],
    ['WEBHOOK_FORMAT', 'xml'],
    ['WHATSAPP_NETWORK', 'http://localhost'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['LOG_LEVEL', 'loud'],
    ['TZ', 'Mars/Olympus'],
    ['WUZAPI_AUTO_PRESENCE', 'busy'],
  ])('%s=%s is refused with the name of the variable', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError)
    expect(() => loadConfig({ [name]: value })).toThrow(name)
  })

  test.each([
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, not "70000"'],
    ['SEND_RATE_PER_SECOND', '1e3', 'SEND_RATE_PER_SECOND must be a number from 0 to 1000, not "1e3"'],
    ['WEBHOOK_FORMAT', 'XML', 'WEBHOOK_FORMAT must be one of form, json, not "XML"'],
    [
      'TRUST_PROXY',
      '::1, 10.0.0.0/33',
      'must list addresses such as 10.0.0.1 or 10.0.0.0/8, not "10.0.0.0/33"',
    ],
    ['DIALECTS', 'wsgo:/,wuzapi:old', 'such as wsgo:/ or wuzapi:/old, not "wuzapi:old"'],
  ])('%s=%s is answered with what it must be and what is wrong of it', (name, value, sentence) => {
    expect(() => loadConfig({ [name]: value })).toThrow(sentence)
  })

  test.each([
    ['DATABASE_URL', 'mysql://me:p4ssw0rd@db/name'],
    ['RABBITMQ_URL', 'http://me:p4ssw0rd@queue/'],
    ['BASE_WEBHOOK_URL', 'ftp://me:p4ssw0rd@receiver/'],
  ])('what %s says is repeated nowhere', (name, value) => {
    const refused = refusalOf({ [name]: value })

    expect(refused.message).toContain(`${name} must be`)
    expect(inspect(refused, { depth: null })).not.toContain('p4ssw0rd')
  })
})

function refusalOf(env: Record<string, string>): Error {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was refused')
}

test('the table of settings documents every member of the configuration', () => {
  const rows = configTable()

  expect(rows.map(({ key }) => key).sort()).toEqual(Object.keys(loadConfig({})).sort())
  expect(rows.filter(({ help, env }) => help === '' || env.length === 0)).toEqual([])
})
