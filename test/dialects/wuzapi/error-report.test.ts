import { expect, test } from 'vitest'
import { encodeDelivery } from '../../../src/dialects/wuzapi/events/delivery.ts'
import { encodeErrorReport } from '../../../src/dialects/wuzapi/events/error-report.ts'
import { sampleUser } from '../../helpers/users.ts'

const user = sampleUser({ id: 'a'.repeat(32), name: 'Inst' })
const rendered = { name: 'Test', payload: { type: 'Test', event: { number: 1 } } }
const failed = {
  url: 'https://receiver.example/?a=1&b=2',
  userId: user.id,
  sealedHmacKey: 'v1.x',
  failedAt: Date.UTC(2026, 7, 7, 16, 4, 9, 120),
  timeZone: 'America/Sao_Paulo',
  answer: 'connect ECONNREFUSED',
}

test('the report of a JSON webhook holds its body', () => {
  const report = encodeErrorReport(encodeDelivery(rendered, { user, format: 'json' }), failed)

  expect(report).toBe(
    '{"url":"https://receiver.example/?a=1\\u0026b=2",' +
      `"payload":{"event":{"number":1},"instanceName":"Inst","type":"Test","userID":"${user.id}"},` +
      `"userID":"${user.id}","encryptedHmacKey":"76312e78",` +
      '"attemptTime":"2026-08-07T13:04:09.12-03:00","errorMessage":"connect ECONNREFUSED"}',
  )
})

test('the report of a form webhook holds its fields', () => {
  const report = encodeErrorReport(encodeDelivery(rendered, { user, format: 'form' }), {
    ...failed,
    status: 502,
  })

  expect(JSON.parse(report)).toMatchObject({
    payload: { instanceName: 'Inst', jsonData: '{"type":"Test","event":{"number":1}}', userID: user.id },
    errorMessage: 'unexpected status code: 502. Body: connect ECONNREFUSED',
  })
})
