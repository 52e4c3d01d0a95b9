import { expect, test } from 'vitest'
import { forPeople } from '../../src/lib/process/log-output.ts'
import { createLogger } from '../../src/lib/process/logger.ts'

function printed(log: (logger: ReturnType<typeof createLogger>) => void, hasColor = false): string[] {
  const lines: string[] = []
  log(createLogger('debug', { write: (line) => lines.push(forPeople(line, hasColor)) }))
  return lines
}

test('a line for people has time, level, message and fields, and no line break of a value', () => {
  const [line = ''] = printed((log) =>
    log.warn({ port: 8080, name: 'two\nlines', token: 'p4ss' }, 'listening'),
  )

  expect(line).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z WARN listening port=8080 name="two\\nlines" token="\[redacted]"$/,
  )
})

test('the stack of an error stands below, and levels have colours where they are wanted', () => {
  const [line = ''] = printed((log) => log.error({ err: new Error('broken') }, 'failed'), true)

  expect(line).toContain(' \u001b[31mERROR\u001b[0m failed\nError: broken\n    at ')
})
