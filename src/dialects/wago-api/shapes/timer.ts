import { z } from 'zod'
import { disappearingSeconds } from '../../../lib/text/disappearing-words.ts'

/** After how long messages disappear: off, 24h, 7d, 90d or seconds. Yields seconds. */
export const timer = z
  .union([z.string(), z.int()], 'timer is required')
  .transform((value, issues) => {
    const written = String(value)
    const seconds = disappearingSeconds(written) ?? (/^\d{1,9}$/.test(written) ? Number(written) : undefined)
    if (seconds !== undefined) return seconds
    issues.addIssue({ code: 'custom', message: 'timer must be off, 24h, 7d, 90d or a number of seconds' })
    return z.NEVER
  })
  .describe('off, 24h, 7d, 90d or seconds')
  .meta({ example: '24h' })
