import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { iceServersOf } from '../../../src/operations/calls/call-browser.ts'
import type { UserScope } from '../../../src/operations/services.ts'

test.each<[Record<string, string>, string[]]>([
  [{}, ['stun:stun.l.google.com:19302']],
  [{ CALL_STUN: 'stun:a.example:3478, stun:b.example:3478' }, ['stun:a.example:3478', 'stun:b.example:3478']],
  [{ CALL_STUN: ',' }, []],
  [{ WHATSAPP_NETWORK: 'sandbox' }, []],
  [{ WHATSAPP_NETWORK: 'sandbox', CALL_STUN: 'stun:a.example:3478' }, ['stun:a.example:3478']],
])('with %j browsers are told %j', (settings, told) => {
  // Nothing of it is looked at but the settings.
  const scope = { services: { config: loadConfig(settings) } } as UserScope

  expect(iceServersOf(scope)).toEqual(told.map((url) => ({ urls: [url] })))
})
