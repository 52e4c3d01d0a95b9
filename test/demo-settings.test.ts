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
