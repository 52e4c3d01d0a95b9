import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressSecrets, redact, redactedStart } from '../../src/lib/secrets/redact.ts'

/** Escapes by hand, so that what is tested is not what the server itself would write. */
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0')
const eachByte = (text: string, write: (byte: number) => string) => [...Buffer.from(text)].map(write).join('')
const percent = (text: string, safe: RegExp, upper = true) =>
  eachByte(text, (byte) => {
    const character = String.fromCharCode(byte)
    if (byte < 0x80 && safe.test(character)) return character
    return `%${upper ? hex(byte, 2).toUpperCase() : hex(byte, 2)}`
  })
const json = (text: string) => JSON.stringify(text).slice(1, -1)
const unicode = (text: string, where: RegExp) =>
  text.replace(where, (one) => `\\u${hex(one.charCodeAt(0), 4)}`)
const html = (text: string, write: (code: number) => string) =>
  text.replace(/[^\w ]/gu, (one) => write(one.codePointAt(0) ?? 0))

const encoders: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  "JavaScript's JSON": json,
  "Go's JSON": (text) => unicode(json(text), /[<>&\u2028\u2029]/g),
  "PHP's JSON": (text) => unicode(json(text).replaceAll('/', '\\/'), /[^\0-\x7f]/g),
  'a literal of JavaScript': (text) =>
    text.replace(/[^\w ]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`),
  'a literal of Go': (text) => text.replace(/[^\w ]/gu, (one) => `\\U${hex(one.codePointAt(0) ?? 0, 8)}`),
  encodeURIComponent: (text) => encodeURIComponent(text),
  URLSearchParams: (text) => new URLSearchParams({ a: text }).toString().slice(2),
  "Go's QueryEscape": (text) => percent(text, /[\w.~-]/).replaceAll('%20', '+'),
  "Go's PathEscape": (text) => percent(text, /[\w.~$&+=:@-]/),
  'percent encoding in lower case': (text) => percent(text, /[\w.~-]/, false),
  'percent encoding of everything': (text) => percent(text, /^$/),
  "Go's HTML": (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&#34;')
      .replaceAll("'", '&#39;'),
  'decimal references': (text) => html(text, (code) => `&#${code};`),
  'hex references': (text) => html(text, (code) => `&#x${code.toString(16)};`),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'Basic credentials': (text) => `Basic ${Buffer.from(`api:${text}`).toString('base64')}`,
  'Basic credentials of another name': (text) => `Basic ${Buffer.from(`me:${text}`).toString('base64')}`,
  'Basic credentials as the name': (text) => `Basic ${Buffer.from(`${text}:x`).toString('base64')}`,
}
const outer = Object.entries(encoders).filter(
  ([name]) => !/hex|base64|Basic/.test(name) || name === 'hex references',
)

/** Long enough that no part of the text around it is one by chance. */
const secrets = fc.oneof(
  fc.string({ minLength: 12, maxLength: 60, unit: fc.constantFrom(...'aZ09 +&<>"\'/\\%=?#:;@~-_.!*()') }),
  fc.string({ minLength: 12, maxLength: 60, unit: fc.constantFrom(...'xy&<\u2028\u2029é漢😀\n\t') }),
  fc.string({ minLength: 300, maxLength: 400, unit: fc.constantFrom(...'k&"+ ') }),
)
const before = '{"token": "'
const after = '", "next": 1}'

describe.each(Object.entries(encoders))('a secret in the spelling of %s', (_name, encode) => {
  test('is taken out, and nothing beside it', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const shown = redact(before + encode(secret) + after, [secret])

        expect(shown.startsWith(before)).toBe(true)
        expect(shown.endsWith(after)).toBe(true)
        expect(shown).toContain('[redacted]')
        expect(shown.length).toBeLessThan(before.length + after.length + 'Basic ....[redacted]==..'.length)
      }),
      { numRuns: 50 },
    )
  })

  test('is taken out when that is written in another one', () => {
    for (const [name, encodeAgain] of outer)
      fc.assert(
        fc.property(secrets, (secret) => {
          const shown = redact(encodeAgain(before + encode(secret) + after), [secret])

          expect(shown, name).toContain('[redacted]')
          expect(shown, name).toContain(encodeAgain(after).slice(-6))
        }),
        { numRuns: 10 },
      )
  })
})

describe('a text', () => {
  test('without secrets stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(redact(text, ['a secret that is not there', undefined, ''])).toBe(
          text.replaceAll('\0', '\uFFFD'),
        )
      }),
    )
  })

  test('of several secrets that overlap keeps nothing of either', () => {
    expect(redact('<abcdefghij>', ['abcdef', 'defghij'])).toBe('<[redacted]>')
  })

  test('that is cut shows no half of a secret, however long its spelling', () => {
    const secret = '&"'.repeat(150)
    const spelled = encodeURIComponent(unicode(json(secret), /[&]/g))

    const shown = redactedStart(`${'x'.repeat(990)}${spelled}${'y'.repeat(5_000)}`, [secret], 1_000)

    expect(shown).toBe(`${'x'.repeat(990)}[redacted]`)
  })

  test.each([1, 7, 100])('that repeats a secret is cut in what it was, %i apart', (distance) => {
    const secret = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789-abcdefghijklmnopqrstuvwxyz'

    const shown = redactedStart(`${secret}${'.'.repeat(distance)}`.repeat(500), [secret], 1_000)

    expect(shown.replaceAll('[redacted]', '')).toMatch(/^\.*$/)
    expect(shown.length).toBeLessThanOrEqual(1_000)
  })

  test('that is cut shows only what it began with, whatever is taken out of it', () => {
    const parts = fc.array(
      fc.oneof(fc.constantFrom('-=secret=-', '-=another secret, longer=-'), fc.string({ maxLength: 5 })),
    )
    fc.assert(
      fc.property(parts, fc.nat(100), (text, length) => {
        const shown = redactedStart(text.join(''), ['-=secret=-', '-=another secret, longer=-'], length)

        expect(shown).not.toMatch(/-=[as]/)
        expect(
          redact(text.join(''), ['-=secret=-', '-=another secret, longer=-']).startsWith(
            shown.replace(/\[[redact]*$/, ''),
          ),
        ).toBe(true)
      }),
    )
  })

  test('shows no part of a long secret', () => {
    const secret = Array.from({ length: 300 }, (_, at) => `${at}é`).join('.')

    expect(redact(`<${secret}>`, [secret])).toBe('<[redacted]>')
    expect(redact(`<${secret.slice(0, -1)}>`, [secret])).not.toContain('100é.101é')
    expect(redactedStart(`<${secret.repeat(20)}>`, [secret], 2_000)).toBe('<[redacted]')
  })

  test.each([
    ['backslashes', '\\'.repeat(4_000)],
    ['percents', '%25'.repeat(1_333)],
    ['references', '&amp;'.repeat(800)],
    ['everything in everything', '%5Cu0026amp;+%2526'.repeat(220)],
    ['what a secret begins with', 'a'.repeat(4_000)],
  ])('full of %s takes no longer than others', (_what, text) => {
    const many = Array.from({ length: 20 }, (_, at) => `${'a'.repeat(200)}${at}`)
    const startedAt = performance.now()

    redact(text, many)

    // Thousands of times less than an expression that backtracks.
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('an address', () => {
  /** As long as one may be, with as many values as it has room for beside a long one. */
  const address = (name: string) =>
    `https://receiver.example/?a=${name.repeat(1_000 / name.length)}&${Array.from({ length: 590 }, (_, at) => `a=${String(at).padStart(8, 'x')}`).join('&')}`

  test('full of values has none that is told, nor what is escaped', () => {
    const secrets = addressSecrets(address('y'))

    const shown = redact(
      `${secrets.join(' ')} ${secrets.map(encoders['percent encoding of everything'] ?? String).join(' ')}`,
      secrets,
    )

    expect(secrets.length).toBe(591)
    expect(shown).toMatch(/^(\[redacted\] ?)+$/)
  })

  test('full of values delays nobody else', () => {
    // Base64 of what the values begin with, behind something that can be read in many ways.
    const answer = `\\u005cu0025+26&percnt;26${'eHh4'.repeat(20_000)}`
    const tookMs = ['y', 'z', 'yz', 'zy', 'yzyy'].map((name) => {
      const secrets = addressSecrets(address(name))
      const startedAt = performance.now()
      redactedStart(answer, secrets, 4_000)
      return performance.now() - startedAt
    })

    // Seven times as long when every value is looked for by itself.
    expect(Math.min(...tookMs)).toBeLessThan(100)
  })
})
