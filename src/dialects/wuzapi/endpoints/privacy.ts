import { z } from 'zod'
import type { PrivacySettings } from '../../../events/event-parts.ts'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import {
  changePrivacy,
  PRIVACY_VALUES,
  type PrivacyChange,
  readPrivacy,
} from '../../../operations/account/privacy.ts'
import { privacyFields, privacyShape } from '../../shared/whatsmeow/privacy-fields.ts'
import { required } from '../shapes/fields.ts'

/** The settings the original knows. */
const NAMES = ['groupadd', 'last', 'status', 'profile', 'readreceipts', 'online', 'calladd']

const allowed = new Map([...PRIVACY_VALUES].filter(([name]) => NAMES.includes(name)))

function changeOf({ Name, Value }: { Name: string; Value: string }): PrivacyChange {
  const values = allowed.get(Name)
  if (!values) throw new ApiError('invalid_field', { text: `invalid privacy setting name ${quoted(Name)}` })
  if (!values.includes(Value)) {
    throw new ApiError('invalid_field', {
      text: `invalid value ${quoted(Value)} for privacy setting ${quoted(Name)}`,
    })
  }
  return { name: Name, value: Value }
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

const settings = reply(privacyShape, (known: PrivacySettings) => privacyFields(known))

export const privacyEndpoints: Endpoint[] = [
  get('/user/privacy', {
    summary: 'Tell who may see and do what',
    run: readPrivacy,
    reply: settings,
    failure: 'failed to get privacy settings: %s',
  }),

  post('/user/privacy', {
    summary: 'Change who may see or do something',
    body: z.object({
      Name: required('Name').describe([...allowed.keys()].join(', ')),
      Value: required('Value').meta({
        enum: ['all', 'contacts', 'contact_blacklist', 'none', 'match_last_seen', 'known'],
      }),
    }),
    run: changePrivacy,
    input: ({ body }) => changeOf(body),
    reply: settings,
    failure: 'failed to set privacy setting: %s',
  }),
]
