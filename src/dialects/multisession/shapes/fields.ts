import { z } from 'zod'
import { requiredText, textUpTo } from '../../../http/endpoint/fields.ts'
import { type Limit, limits } from '../../../lib/limits.ts'

/** A text that must be there and not be blank: `text is required`. */
export function required(name: string, limit?: Limit) {
  const sentence = `${name} is required`
  return requiredText(sentence, limit).refine((value) => value.trim() !== '', sentence)
}

/** The sentences for numbers that are none. */
const EMPTY = 'phone number cannot be empty'
const LEADING_ZERO = 'phone number must be in international format without leading 0'
const NOT_DIGITS = 'phone number must be digits only and at least 6 characters'

/** An international phone number, a plus sign and blanks around it are fine. Yields the digits. */
export function phoneNumber(missing = EMPTY) {
  return textUpTo(limits.address, z.string(missing)).transform((given, issues) => {
    const digits = given.trim().replace(/^\+/, '')
    const problem = phoneProblem(digits, missing)
    if (problem === undefined) return digits
    issues.addIssue({ code: 'custom', message: problem })
    return z.NEVER
  })
}

/** What is wrong with the digits of an international number. */
export function phoneProblem(digits: string, missing = EMPTY): string | undefined {
  if (digits === '') return missing
  if (digits.startsWith('0')) return LEADING_ZERO
  return /^[1-9][0-9]{5,15}$/.test(digits) ? undefined : NOT_DIGITS
}

/** RFC 3339 with a fraction; null for what never was. */
export function instant(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString()
}

/** RFC 3339 in whole seconds; null for what never was. */
export function wholeInstant(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString().replace(/\.\d+/, '')
}
