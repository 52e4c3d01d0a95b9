import { z } from 'zod'
import { requiredText } from '../../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../../lib/limits.ts'
import { addressFields } from '../../shared/address-fields.ts'

/** A string that must not be empty: `chatId is required`. */
export function required(name: string, limit?: Limit) {
  return requiredText(`${name} is required`, limit)
}

/** The fields that name people and chats. */
export const { recipient, chat, person, group, channel, people, peopleIfAny, onePersonOrMore } =
  addressFields({
    missing: (name) => `${name} is required`,
    invalid: (name) => `${name} is not a valid id: use number@s.whatsapp.net`,
    wrongKind: (name, wanted) => `${name} is not a ${wanted}`,
    invalidEntry: (name) => `${name} holds an id that is not valid`,
  })

/** A phone number with its country code, in whatever form, or the JID made of it. Yields the digits. */
export function phoneNumber(name: string) {
  return required(name, limits.address).transform((value, issues) => {
    const digits = value.replace(/@(c\.us|s\.whatsapp\.net)$/, '').replace(/^\+|[\s().-]/g, '')
    if (/^\d{5,20}$/.test(digits)) return digits
    issues.addIssue({ code: 'custom', message: `${name} is not a phone number with its country code` })
    return z.NEVER
  })
}

/** A whole number of a query string; undefined when absent. */
export function count(name: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `${name} is not a whole number`)
    .transform(Number)
    .optional()
}
