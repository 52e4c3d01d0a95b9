import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js'
import { ApiError } from '../../lib/errors.ts'
import { isLidJid } from '../../lib/jid.ts'
import { jidDecode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { findPhone } from './lids.ts'

/** Whose number is meant: a JID, a LID included, or a number with its country code. */
export type Numbered = string

/** The calling code of a number's country: `55`. Throws `invalid_field`, and `not_found` for a LID nobody knows. */
export async function countryCode(session: LiveSession, whose: Numbered): Promise<string> {
  return (await numberOf(session, whose)).countryCallingCode
}

/** A number as people write it: `+55 11 99999-9999`. Throws as `countryCode` does. */
export async function formattedNumber(session: LiveSession, whose: Numbered): Promise<string> {
  const number = await numberOf(session, whose)
  return hyphenated(number.formatInternational(), number.formatNational())
}

/** The library writes spaces for every separator of an international number; the national form still has its hyphens. */
function hyphenated(international: string, national: string): string {
  const [callingCode, area = '', ...groups] = international.split(' ')
  const number = groups.reduce((written, group) => {
    const last = /\d*$/.exec(written)?.[0]
    return `${written}${new RegExp(`${last}-${group}(?!\\d)`).test(national) ? '-' : ' '}${group}`
  }, area)
  return `${callingCode} ${number}`
}

async function numberOf(session: LiveSession, whose: Numbered): Promise<PhoneNumber> {
  const phone = isLidJid(whose) ? await findPhone(session, whose) : whose
  if (phone === '') throw new ApiError('not_found', { text: `the phone number of ${whose} is not known` })
  const digits = (jidDecode(phone)?.user ?? phone).replace(/\D/g, '')
  const number = parsePhoneNumberFromString(`+${digits}`)
  if (number) return number
  throw new ApiError('invalid_field', {
    text: `${digits || whose} is not a phone number with its country code`,
  })
}
