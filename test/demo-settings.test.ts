import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configTable } from '../src/config/config.ts'

test("the demo takes over the shell's port and log level, and none of the settings of a real server", async () => {
  const { settingsToForget } = await import(new URL('../scripts/demo-settings.mjs', import.meta.url).href)
  const env = {
    PATH: '/usr/bin',
    PORT: '8090',
    LOG_LEVEL: 'info',
    DATABASE_URL: 'postgres://me@db/parley',
    DB_HOST: 'db',
    DIALECTS: 'wsgo:/',
    WORKERS: '4',
    WEBHOOK_FORMAT: 'json',
    GLOBAL_WEBHOOK: 'https://example.org',
    WUZAPI_PORT: '9000',
    RABBITMQ_URL: 'amqp://queue',
    SHOP_WEBHOOK_URL: 'https://example.org/shop',
  }

  const forgotten = settingsToForget(env, configTable())

  expect(Object.keys(env).filter((name) => !forgotten.includes(name))).toEqual(['PATH', 'PORT', 'LOG_LEVEL'])
})

test('what the scripts take from the build has a source', () => {
  const root = join(import.meta.dirname, '..')
  const scripts = readdirSync(join(root, 'scripts')).map((name) =>
    readFileSync(join(root, 'scripts', name), 'utf8'),
  )
  const built = scripts.flatMap((script) => [...script.matchAll(/\b(?:runBuilt|importBuilt)\('(.+)\.js'\)/g)])
  const sources = built.map(([, path]) => join('src', `${path}.ts`))

  expect(sources).toContain('src/config/config.ts')
  expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([])
})
