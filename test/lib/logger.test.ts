import { expect, test } from 'vitest'
import { createLogger } from '../../src/lib/logger.ts'
import { maskPhone, redactUrl } from '../../src/lib/redact.ts'

test('secrets never reach a log line, at the top or inside objects', () => {
  const lines: string[] = []
  const log = createLogger('info', { write: (line: string) => lines.push(line) })

  log.info(
    { token: 'S1', user: { hmacKey: 'S2', s3: { secretKey: 'S3' } }, req: { headers: { token: 'S4' } } },
    'hi',
  )

  expect(lines.join('')).toContain('hi')
  expect(lines.join('')).not.toMatch(/S[1-4]/)
})

test('an address is logged without its credentials and tokens', () => {
  expect(redactUrl('https://me:pw@example.com/hook?token=abc&x=1')).toBe(
    'https://example.com/hook?token=redacted&x=1',
  )
  expect(redactUrl('/session/status?Token=abc')).toBe('/session/status?Token=redacted')
})

test('a phone number keeps its last four digits', () => {
  expect(maskPhone('5491155554444@s.whatsapp.net')).toBe('***4444@s.whatsapp.net')
  expect(maskPhone('123')).toBe('***')
})
