import { expect, test } from 'vitest'
import { configTable } from '../../../src/config/config.ts'
import { translateSettings } from '../../../src/transfer/wuzapi/environment.ts'

test('the .env of a wuzapi becomes one of ours', () => {
  const known = new Set(configTable().flatMap(({ env }) => env))
  const text = `
    # Authentication
    WUZAPI_ADMIN_TOKEN=H4Zbhw72PBrG
    WUZAPI_GLOBAL_ENCRYPTION_KEY=0123456789abcdef0123456789abcdef
    WUZAPI_GLOBAL_WEBHOOK='https://example.org/hook?a=1&b=2'
    DB_USER=wuzapi
    DB_PASSWORD=secret
    WEBHOOK_FORMAT=json
    SESSION_DEVICE_NAME="Our shop"
    RABBITMQ_URL=amqp://wuzapi:wuzapi@rabbitmq:5672/
    SOMETHING_ELSE=1
    WUZAPI_PORT=`

  const { lines, unknown } = translateSettings(text, known)

  expect({ lines: lines.sort(), unknown: unknown.sort() }).toEqual({
    lines: [
      'WUZAPI_ADMIN_TOKEN=H4Zbhw72PBrG',
      'WUZAPI_GLOBAL_ENCRYPTION_KEY=0123456789abcdef0123456789abcdef',
      `WUZAPI_GLOBAL_WEBHOOK='https://example.org/hook?a=1&b=2'`,
      'WEBHOOK_FORMAT=json',
      `SESSION_DEVICE_NAME='Our shop'`,
      'RABBITMQ_URL=amqp://wuzapi:wuzapi@rabbitmq:5672/',
    ].sort(),
    unknown: ['DB_PASSWORD', 'DB_USER', 'SOMETHING_ELSE'],
  })
})
