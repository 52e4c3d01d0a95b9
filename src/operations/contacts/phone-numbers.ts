import type { PhoneNumber } from 'libphonenumber-js'
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
  return (await former(number.number)) ?? written(number)
}

/** A number, `+` before its digits; undefined for what is none. */
async function parsed(text: string): Promise<PhoneNumber | undefined> {
  const { parsePhoneNumberFromString } = await import('libphonenumber-js')
  return parsePhoneNumberFromString(text)
}

/**
 * WhatsApp names mobile phones by the digits of the day they registered, and two countries have changed theirs since:
 * Brazil put a 9 before eight digits (2012 to 2016), Mexico took away the 1 after its code (2019). The library knows
 * today's numbers only, so today's is written, and what was added or taken away is put right.
 */
async function former(number: string): Promise<string | undefined> {
  const [, area, brazilian] = /^\+55([1-9]\d)([6-9]\d{7})$/.exec(number) ?? []
  if (brazilian) return (await todays(`+55${area}9${brazilian}`))?.replace(/^(\+55 \d\d )9/, '$1')
  const [, mexican] = /^\+521(\d{10})$/.exec(number) ?? []
  return mexican && (await todays(`+52${mexican}`))?.replace('+52 ', '+52 1 ')
}

async function todays(text: string): Promise<string | undefined> {
  const number = await parsed(text)
  return number?.isPossible() ? written(number) : undefined
}

function written(number: PhoneNumber): string {
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
  const number = await parsed(`+${digits}`)
  if (number) return number
  throw new ApiError('invalid_field', {
    text: `${digits || whose} is not a phone number with its country code`,
  })
}
