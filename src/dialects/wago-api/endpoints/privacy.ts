import { z } from 'zod'
import type { PrivacySettings } from '../../../events/event-parts.ts'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import {
  changePrivacy,
  PRIVACY_VALUES,
  type PrivacyChange,
  setDefaultDisappearingTimer,
} from '../../../operations/account/privacy.ts'
import { setDisappearingTimer } from '../../../operations/groups/groups.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { oneOf } from '../shapes/aliases.ts'
import { recipient, required } from '../shapes/fields.ts'
import { privacyShape } from '../shapes/privacy-shape.ts'
import { done, result } from '../shapes/replies.ts'
import { timer } from '../shapes/timer.ts'

const names = [...PRIVACY_VALUES.keys()].join(', ')

/** Throws `invalid_field` for what WhatsApp's clients do not offer. */
function changeOf(name: string, value: string): PrivacyChange {
  const values = PRIVACY_VALUES.get(name)
  if (!values) throw new ApiError('invalid_field', { text: `setting must be one of ${names}` })
  if (!values.includes(value))
    throw new ApiError('invalid_field', { text: `value of ${name} must be one of ${values.join(', ')}` })
  return { name, value }
}

export const privacyEndpoints: Endpoint[] = [
  post('/privacy/setSetting/{id}', {
    summary: 'Change who may see or do something',
    body: z.object({
      setting: ifGiven(required('setting')).describe(names),
      name: ifGiven(required('name')).describe('Another word for setting'),
      value: required('value').describe('all, contacts, none, …: what the setting offers'),
    }),
    run: changePrivacy,
    input: ({ body }) => changeOf(oneOf('setting', body.setting, body.name), body.value),
    reply: result(privacyShape, (settings: PrivacySettings) => settings),
  }),

  post('/privacy/setDefaultDisappearingTimer/{id}', {
    summary: 'Let messages of new chats disappear',
    body: z.object({ timer }),
    run: setDefaultDisappearingTimer,
    input: ({ body }) => body.timer,
    reply: done,
  }),

  post('/privacy/setDisappearingTimer/{id}', {
    summary: 'Let messages of one chat disappear',
    body: z.object({ chatId: recipient('chatId'), timer }),
    run: setDisappearingTimer,
    input: ({ body }) => ({ chat: body.chatId, seconds: body.timer }),
    reply: done,
  }),
]
