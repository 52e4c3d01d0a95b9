import { expect, test } from 'vitest'
import { createLogger } from '../../src/lib/process/logger.ts'

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
