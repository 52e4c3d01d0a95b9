import { z } from 'zod'

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/**
 * How long a chat is silent: a number of seconds, or a text such as `8h`, `7d` or `1h30m`; for ever when absent or 0.
 * Yields seconds.
 */
export const muteTime = z
  .union([z.string(), z.number()])
  .optional()
  .transform((given, issues) => {
    const seconds = secondsIn(given ?? 0)
    if (seconds !== undefined) return seconds
    issues.addIssue({
      code: 'custom',
      message: 'Duration must be a number of seconds, or a text such as 8h or 7d',
    })
    return z.NEVER
  })
  .describe('Seconds, or a text such as `8h` or `7d`; for ever when absent')

function secondsIn(given: string | number): number | undefined {
  const text = String(given).trim()
  if (text === '' || Number(text) === 0) return Number.POSITIVE_INFINITY
  if (/^\d{1,10}(\.\d+)?$/.test(text)) return Number(text)
  if (!/^(\d{1,6}[smhdw])+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)([smhdw])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ''] ?? 0), 0)
}
