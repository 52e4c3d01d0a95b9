import { createHash } from 'node:crypto'

/** The number of the account that a companion of this name is linked to: the same in every run. */
export function phoneForName(name: string): string {
  const digest = createHash('sha256').update(`phone:${name}`).digest()
  // A mobile number of São Paulo, so that it passes for a number wherever one is checked.
  return `55119${String(digest.readUInt32BE() % 100_000_000).padStart(8, '0')}`
}

/** Countries whose mobile numbers have two forms: what is around the digit that is there or not. */
const TWO_FORMS: [form: RegExp, digit: string][] = [
  // Brazil: an area code of two digits, then a ninth digit before eight.
  [/^(55\d\d)9?([6-9]\d{7})$/, '9'],
  [/^(52)1?(\d{10})$/, '1'],
  [/^(54)9?(\d{10})$/, '9'],
]

/**
 * The forms of a number that stand for the same account, the given one first: Brazil's with and without the ninth digit,
 * Mexico's with and without 1, Argentina's with and without 9. The account has one of them, whichever it was made with.
 */
export function numberForms(number: string): string[] {
  for (const [form, digit] of TWO_FORMS) {
    const [, before = '', after = ''] = form.exec(number) ?? []
    if (before) return [...new Set([number, `${before}${digit}${after}`, `${before}${after}`])]
  }
  return [number]
}
