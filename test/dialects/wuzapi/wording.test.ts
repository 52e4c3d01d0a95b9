import { describe, expect, test } from 'vitest'
import { wording } from '../../../src/dialects/wuzapi/wording.ts'
import { ApiError, type ErrorCode } from '../../../src/lib/errors.ts'

interface Case {
  code: ErrorCode
  text?: string
  current: [number, string]
  reference: [number, string]
}

const cases: Case[] = [
  { code: 'unauthorized', current: [401, 'unauthorized'], reference: [401, 'Unauthorized'] },
  { code: 'no_session', current: [500, 'no session'], reference: [500, 'No session'] },
  { code: 'not_connected', current: [500, 'not connected'], reference: [500, 'Not connected'] },
  { code: 'already_connected', current: [409, 'already connected'], reference: [500, 'Already Connected'] },
  { code: 'already_logged_in', current: [500, 'already logged in'], reference: [500, 'Already Loggedin'] },
  {
    code: 'invalid_payload',
    text: 'could not decode payload',
    current: [400, 'could not decode payload'],
    reference: [400, 'Could not decode Payload'],
  },
  {
    code: 'missing_field',
    text: 'missing Phone in Payload',
    current: [400, 'missing Phone in Payload'],
    reference: [400, 'Missing Phone in Payload'],
  },
  {
    code: 'missing_field',
    text: 'missing StanzaID in ContextInfo',
    current: [400, 'missing StanzaID in ContextInfo'],
    reference: [400, 'Missing StanzaId in ContextInfo'],
  },
  {
    code: 'missing_field',
    text: 'missing ChatPhone in Payload',
    current: [400, 'missing ChatPhone in Payload'],
    reference: [400, 'Missing Chat in Payload'],
  },
  {
    code: 'not_connected',
    text: 'failed to Connect',
    current: [500, 'failed to Connect'],
    reference: [500, 'Failed to Connect'],
  },
  {
    code: 'upstream_timeout',
    text: 'error sending message: info query timed out',
    current: [500, 'error sending message: info query timed out'],
    reference: [500, 'Error sending message: info query timed out'],
  },
  {
    code: 'invalid_field',
    text: 'days_to_sync_history must be between 0 and 365',
    current: [400, 'days_to_sync_history must be between 0 and 365'],
    reference: [400, 'days_to_sync_history must be between 0 and 365'],
  },
]

describe.each(cases)('$code $text', ({ code, text, current, reference }) => {
  const error = new ApiError(code, text === undefined ? {} : { text })

  test('reads as today in the profile current', () => {
    expect(Object.values(wording(error, 'current'))).toEqual(current)
  })

  test('reads as the original in the profile reference', () => {
    expect(Object.values(wording(error, 'reference'))).toEqual(reference)
  })
})
