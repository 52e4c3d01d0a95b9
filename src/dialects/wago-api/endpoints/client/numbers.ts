import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { checkNumbers, type NumberCheck } from '../../../../operations/contacts/contacts.ts'
import { countryCode, formattedNumber } from '../../../../operations/contacts/phone-numbers.ts'
import { phoneNumber } from '../../shapes/fields.ts'
import { result } from '../../shapes/replies.ts'

const named = z.object({ number: phoneNumber('number').describe('With its country code') })

/** What belongs to a number in text. */
export const wording = result(z.string(), (text: string) => text)

const numberId = z.object({ jid: z.string(), user: z.string(), server: z.string() })

/** A JID and its two parts; null for a number that is not on WhatsApp. */
function idFields([check]: NumberCheck[]): z.infer<typeof numberId> | null {
  if (!check?.exists) return null
  const [user = '', server = ''] = check.jid.split('@')
  return { jid: check.jid, user, server }
}

export const clientNumberEndpoints: Endpoint[] = [
  post('/client/isRegisteredUser/{id}', {
    summary: 'Tell whether a phone number is on WhatsApp',
    body: named,
    power: 'read',
    run: checkNumbers,
    input: ({ body }) => [body.number],
    reply: result(z.boolean(), ([check]: NumberCheck[]) => check?.exists ?? false),
  }),

  post('/client/getNumberId/{id}', {
    summary: 'Get the JID of a phone number, null when it is not on WhatsApp',
    body: named,
    power: 'read',
    run: checkNumbers,
    input: ({ body }) => [body.number],
    reply: result(numberId.nullable(), idFields),
  }),

  post('/client/getCountryCode/{id}', {
    summary: 'Get the country code of a phone number',
    body: named,
    power: 'read',
    run: countryCode,
    input: ({ body }) => body.number,
    reply: wording,
  }),

  post('/client/getFormattedNumber/{id}', {
    summary: 'Write a phone number as people do',
    body: named,
    power: 'read',
    run: formattedNumber,
    input: ({ body }) => body.number,
    reply: wording,
  }),
]
