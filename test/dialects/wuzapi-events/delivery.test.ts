import { expect, test } from 'vitest'
import { renderEvent } from '../../../src/delivery/renderer.ts'
import { formBody } from '../../../src/dialects/shared/go/form-body.ts'
import { postmap } from '../../../src/dialects/shared/go/postmap.ts'
import { goProto } from '../../../src/dialects/shared/go/proto.ts'
import { encodeDelivery, jsonBody } from '../../../src/dialects/wuzapi/events/delivery.ts'
import { eventRenderers } from '../../../src/dialects/wuzapi/events/events.ts'
import { stanzaEvents } from '../../../src/whatsapp/inbound/parse/stanza.ts'
import { sampleUser } from '../../helpers/users.ts'
import { ME } from './message-scenarios.ts'

const user = sampleUser({ id: 'u1', name: "Ana's (1) *~!", token: 'a b' })

test('form fields are sorted and escaped as Go escapes queries', () => {
  expect(formBody({ userID: 'u1', jsonData: '{"a":"+/="}', instanceName: "Ana's (1) *~!" })).toBe(
    'instanceName=Ana%27s+%281%29+%2A~%21&jsonData=%7B%22a%22%3A%22%2B%2F%3D%22%7D&userID=u1',
  )
})

test('the token is in the body only when asked for', () => {
  const rendered = postmap('Connected', {})

  const without = encodeDelivery(rendered, { user, format: 'form' })
  const withToken = encodeDelivery(rendered, { user, format: 'form', includeToken: true })

  expect(without.body).not.toContain('token')
  expect(new URLSearchParams(withToken.body).get('token')).toBe('a b')
})

test('deliveries without a key are not signed', () => {
  const { headers } = encodeDelivery(postmap('Connected', {}), { user, format: 'json' })

  expect(headers).toEqual({ Accept: 'application/json', 'Content-Type': 'application/json' })
})

test('JSON bodies with a file keep the order of members and all digits', () => {
  const event = goProto({ b: { $int: '18446744073709551615' }, a: 1 })
  const owner = { userID: 'u1', instanceName: 'x' }

  expect(jsonBody(postmap('Message', event).payload, owner)).toBe(
    '{"event":{"a":1,"b":18446744073709552000},"instanceName":"x","type":"Message","userID":"u1"}',
  )
  expect(jsonBody(postmap('Message', event, { base64: 'AA==' }).payload, owner)).toBe(
    '{"base64":"AA==","event":{"b":18446744073709551615,"a":1},"instanceName":"x","type":"Message","userID":"u1"}',
  )
})

test.each(['sender', 'retry', 'played', 'inactive', 'server-error'])(
  'receipts of kind %s are not told',
  async (type) => {
    const [receipt] = stanzaEvents({ tag: 'receipt', attrs: { from: '1@lid', id: 'A', t: '1', type } }, ME)

    const rendered = receipt && (await renderEvent(eventRenderers, receipt, { user, timeZone: '' }))

    expect(receipt?.type).toBe('receipt')
    expect(rendered).toBeUndefined()
  },
)

test.each([
  'session.replaced',
  'appstate.change',
  'appstate.complete',
  'call.other',
  'session.phone.outdated',
])('%s has no word in this dialect', (type) => {
  expect(eventRenderers).toHaveProperty([type], null)
})
