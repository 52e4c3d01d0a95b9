import { describe, expect, test } from 'vitest'
import { eventNames, TEST } from '../../../../src/dialects/multisession/events/names.ts'
import { signed } from '../../../../src/dialects/multisession/events/signature.ts'
import { encodeDelivery } from '../../../../src/dialects/multisession/events/tellings.ts'
import { sampleUser } from '../../../helpers/users.ts'
import { recordedNames } from './recorded.ts'

/** One delivery of the real server, whose secret was set to this text before. */
const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
const rawBody =
  '{"event_type":"test.ping","device_id":"fed77497-5e7a-42f4-8eb8-606560d7d9f2","timestamp":"2026-11-29T00:27:53.110144333Z","data":{"message":"test webhook delivery"}}'
const signature = 'sha256=7b9e8fc62d97fa2b292dc96b6628cee3bb462a0bb9d8d63619698e1641b1f8d5'

/** What the real server never sends, or cannot. */
const NEVER = [
  'connection.reconnecting',
  'connection.manual_login_reconnect',
  'connection.cat_refresh_error',
  'message.fb_received',
  'status.comment',
  'media.downloaded',
]

/** What the real server does not know. */
const OURS = [
  'connection.passkey_required',
  'connection.passkey_code',
  'connection.passkey_failed',
  'connection.pairing_code_void',
  'connection.integrity_challenge',
]

describe('the events', () => {
  test('are the 86 of the document and five of ours, each once', () => {
    expect(new Set(eventNames).size).toBe(86 + OURS.length)
    expect(eventNames).toHaveLength(86 + OURS.length)
  })

  test('are those that were recorded, and those that never come', () => {
    expect([...recordedNames, ...NEVER, ...OURS].sort()).toEqual([...eventNames, TEST].sort())
  })
})

describe('a delivery', () => {
  test('is signed as the real server signs', () => {
    expect(signed(rawBody, secret)).toEqual({
      'X-Webhook-Signature': signature,
      'X-Hub-Signature-256': signature,
    })
  })

  test('has the members in their order, and the headers of the real server', () => {
    const payload = JSON.parse(rawBody)

    const { body, headers } = encodeDelivery(
      { name: 'test.ping', payload },
      { user: sampleUser(), format: 'json', hmacKey: secret },
    )

    expect(body).toBe(rawBody)
    expect(headers).toEqual({
      'User-Agent': 'WhatsApp-API-MultiSession/1.0',
      'Content-Type': 'application/json',
      'X-Hub-Signature-256': signature,
      'X-Webhook-Event': 'test.ping',
      'X-Webhook-Signature': signature,
    })
  })

  test('goes unsigned to whoever fetches it without a secret', () => {
    const { headers } = encodeDelivery(
      { name: 'test.ping', payload: {} },
      { user: sampleUser(), format: 'json' },
    )

    expect(Object.keys(headers).filter((name) => /signature/i.test(name))).toEqual([])
  })
})
